import { fileURLToPath } from 'node:url';
import { SIMULATED_SOURCE } from '../../domain/source.js';
import { connectTemporal } from '../../runtime/temporal.js';
import type { TemporalConfig } from '../../runtime/config.js';
import { workerPolls } from '../../runtime/worker-presence.js';
import type { StackAddresses } from '../../stack/stack.js';
import type { ChildSpec } from '../../stack/start-child.js';

/**
 * Few arenas for glibc's malloc: with one for each of its many threads a worker keeps a seventh more
 * memory than it uses (measured: 388 against 331 MB at the peak of a backfill), and is no faster.
 */
const MALLOC = { MALLOC_ARENA_MAX: '2' };

/** Where the simulator of a stack listens. */
export interface SimulatorAddress {
  readonly restUrl: string;
  readonly wsUrl: string;
  readonly port: number;
}

export function simulatorAddress(port: number): SimulatorAddress {
  const host = `127.0.0.1:${port}`;
  return { restUrl: `http://${host}`, wsUrl: `ws://${host}/v5/public/spot`, port };
}

/** The local ByBit, on a fixed port: a restarted one must be found where the first one was. */
export function simulatorChild({ restUrl, port }: SimulatorAddress): ChildSpec {
  return {
    name: 'simulator',
    ...m1(['simulate', '--port', String(port)]),
    ready: `${restUrl}/v5/market/time`,
  };
}

/**
 * The web page, on a fixed port as the simulator. It finds the servers in the stack's file, which also
 * tells where Temporal's Web UI is.
 */
export function dashboardChild(url: string, port: number): ChildSpec {
  return {
    name: 'dashboard',
    ...m1(['dashboard']),
    env: { DASHBOARD_PORT: String(port) },
    ready: `${url}/`,
  };
}

export interface WorkerChildOptions {
  readonly addresses: StackAddresses;
  /** Servers of the stack itself; the others are in the environment already. */
  readonly own: { readonly postgres: boolean; readonly redis: boolean; readonly temporal: boolean };
  readonly temporal: TemporalConfig;
  readonly simulator: SimulatorAddress | undefined;
}

/** The worker of a stack, told by its environment which servers and which venue to use. */
export function workerChild(options: WorkerChildOptions): ChildSpec {
  return {
    name: 'worker',
    ...m1(['worker']),
    env: workerEnvironment(options),
    ready: () => hasWorker(options),
  };
}

export function workerEnvironment({
  addresses: { postgres, redis, temporal },
  own,
  simulator,
}: WorkerChildOptions): Record<string, string> {
  return {
    ...(own.postgres && {
      POSTGRES_HOST: postgres.host,
      POSTGRES_PORT: String(postgres.port),
      POSTGRES_USER: postgres.user,
      POSTGRES_PASSWORD: postgres.password,
      POSTGRES_DB: postgres.database,
    }),
    ...MALLOC,
    ...(own.redis && { REDIS_HOST: redis.host, REDIS_PORT: String(redis.port) }),
    ...(own.temporal && {
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
    }),
    // named one by one: a label or URL in `.env` must not make simulated data look real
    ...(simulator !== undefined && {
      BYBIT_REST_URL: simulator.restUrl,
      BYBIT_WS_URL: simulator.wsUrl,
      BYBIT_SOURCE: SIMULATED_SOURCE,
    }),
  };
}

async function hasWorker({ addresses, own, temporal }: WorkerChildOptions): Promise<boolean> {
  const { address, namespace } = addresses.temporal;
  const config = own.temporal
    ? { ...temporal, address, namespace, connectionOptions: { address } }
    : temporal;
  const client = await connectTemporal(config);
  try {
    return await workerPolls(client);
  } finally {
    await client.close();
  }
}

function m1(args: readonly string[]): Pick<ChildSpec, 'command' | 'args'> {
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  return { command: process.execPath, args: [main, ...args] };
}
