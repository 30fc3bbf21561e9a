import { Client, Connection, isGrpcServiceError, type ConnectionOptions } from '@temporalio/client';
import { ServerAway, reasonOf } from '../domain/failure.js';
import type { TemporalConfig } from './config.js';
import { isRefusedLocally } from './refused.js';
import { retryUntilClosed } from './retry-until-closed.js';

/** How long a server may take to answer before it counts as away, ms. */
const CONNECT_TIMEOUT_MS = 5_000;

type ChannelArgs = NonNullable<ConnectionOptions['channelArgs']>;

/** A connected client. Must be closed. */
export interface TemporalClient {
  readonly client: Client;
  readonly connection: Connection;
  readonly namespace: string;
  close(): Promise<void>;
}

/**
 * @param callTimeoutMs the longest that any call may take; default: what its caller says, or for ever
 * @throws ServerAway when Temporal does not answer in time or does not have the namespace
 */
export async function connectTemporal(
  config: TemporalConfig,
  callTimeoutMs?: number,
): Promise<TemporalClient> {
  if (await isRefusedLocally(config.address)) throw temporalAway(undefined, config);
  const { apiKey, tls, metadata } = config.connectionOptions;
  const connection = Connection.lazy({
    address: config.address,
    connectTimeout: CONNECT_TIMEOUT_MS,
    interceptors: [retryUntilClosed],
    ...(callTimeoutMs === undefined ? {} : { channelArgs: callLimit(callTimeoutMs) }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tls === undefined ? {} : { tls }),
    ...(metadata === undefined ? {} : { metadata }),
  });
  try {
    await connection.ensureConnected();
    await connection.withDeadline(Date.now() + CONNECT_TIMEOUT_MS, () =>
      connection.workflowService.describeNamespace({ namespace: config.namespace }),
    );
  } catch (error) {
    await connection.close();
    throw temporalAway(error, config);
  }
  return {
    client: new Client({ connection, namespace: config.namespace }),
    connection,
    namespace: config.namespace,
    close: () => connection.close(),
  };
}

/** Options of gRPC by which every method has a deadline; a caller's own may be sooner. */
function callLimit(ms: number): ChannelArgs {
  const timeout = { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 };
  const config = { loadBalancingConfig: [], methodConfig: [{ name: [{}], timeout }] };
  return { 'grpc.service_config': JSON.stringify(config) };
}

// gRPC status codes that tell what is wrong better than "does not answer"
const NOT_FOUND = 5;
const REFUSED: readonly number[] = [7, 16];

function temporalAway(error: unknown, { address, namespace }: TemporalConfig): ServerAway {
  const code: number | undefined = isGrpcServiceError(error) ? error.code : undefined;
  if (code === NOT_FOUND) {
    return new ServerAway(
      `Temporal at ${address} has no namespace ${namespace}: create it, or set TEMPORAL_NAMESPACE`,
    );
  }
  if (code !== undefined && REFUSED.includes(code)) {
    return new ServerAway(
      `Temporal at ${address} refuses access: check TEMPORAL_API_KEY and TEMPORAL_TLS (${reasonOf(error)})`,
    );
  }
  return new ServerAway(
    `Temporal does not answer at ${address}: start m1 up, or set TEMPORAL_ADDRESS`,
  );
}
