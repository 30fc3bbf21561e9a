import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { WrongUse, reasonOf } from '../domain/failure.js';
import type { Origin } from './config-servers.js';
import type { Environment } from './environment.js';
import type { StackFile } from './stack-file.js';

export interface TemporalConfig {
  readonly address: string;
  readonly namespace: string;
  /** For `Connection.connect` and `NativeConnection.connect`, with `address`, TLS and API key. */
  readonly connectionOptions: ClientConnectConfig['connectionOptions'];
  /** Base URL of the Web UI where it is known: as a browser of the user reaches it. */
  readonly uiUrl: string | undefined;
  readonly origin: Origin;
}

const DEFAULT_ADDRESS = 'localhost:7233';
const DEFAULT_NAMESPACE = 'default';

/** Ports of the development server: its Web UI listens a thousand above the frontend. */
const DEFAULT_UI_URL = 'http://localhost:8233';

/**
 * The standard `TEMPORAL_*` variables and profile file, then the running stack, then the default.
 *
 * @throws WrongUse when the profile or a file that it names cannot be read
 */
export function resolveTemporal(
  environment: Environment,
  stack: StackFile | undefined,
): TemporalConfig {
  const { connectionOptions, namespace } = loadProfile(environment);
  const { address, apiKey, tls } = connectionOptions;
  const named = [address, namespace, apiKey, tls].some((value) => value !== undefined);
  if (!named && stack !== undefined) {
    const { temporal } = stack;
    return {
      address: temporal.address,
      namespace: temporal.namespace,
      connectionOptions: { address: temporal.address },
      uiUrl: temporal.uiUrl,
      origin: 'm1 up',
    };
  }
  return {
    address: address ?? DEFAULT_ADDRESS,
    namespace: namespace ?? DEFAULT_NAMESPACE,
    connectionOptions: { ...connectionOptions, address: address ?? DEFAULT_ADDRESS },
    uiUrl: (address ?? DEFAULT_ADDRESS) === DEFAULT_ADDRESS ? DEFAULT_UI_URL : undefined,
    origin: named ? originOfNames(environment) : 'default',
  };
}

function loadProfile(environment: Environment): ClientConnectConfig {
  try {
    return loadClientConnectConfig({ overrideEnvVars: { ...environment.values } });
  } catch (error) {
    throw new WrongUse(`Temporal's configuration cannot be used: ${reasonOf(error)}`);
  }
}

function originOfNames({ values, fromFile }: Environment): Origin {
  const names = Object.keys(values).filter((name) => name.startsWith('TEMPORAL_'));
  return names.length > 0 && names.every((name) => fromFile.has(name)) ? '.env' : 'environment';
}
