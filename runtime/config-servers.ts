import { SIMULATED_SOURCE } from '../domain/source.js';
import type { Environment } from './environment.js';
import type { StackFile } from './stack-file.js';
import { streamRefusal } from './stream-refusal.js';
import type { Variables } from './variables.js';

/** Where the address of a server was found. */
export type Origin = 'environment' | '.env' | 'm1 up' | 'default';

/** A variable that replaces an address of ByBit. */
export type OverrideName = (typeof OVERRIDES)[number];

const OVERRIDES = ['BYBIT_REST_URL', 'BYBIT_WS_URL'] as const;

export interface VenueConfig {
  /** Base URL of the REST API, without a slash at its end. */
  readonly restUrl: string;
  /** Whole URL of the public spot stream. */
  readonly wsUrl: string;
  /** The variables that replace ByBit's own addresses. */
  readonly overrides: readonly OverrideName[];
  /** Why no stream may be opened from there; undefined: one may. */
  readonly streamRefusal: string | undefined;
  /** Label that a database filled from here carries. */
  readonly source: string;
  readonly testnet: boolean;
  /** Requests in any 5 s, shared by all workers of this IP. */
  readonly rateLimit: number;
  /** How long a ban is waited out when the venue does not say. */
  readonly banWaitMs: number;
  readonly apiKey: string | undefined;
  readonly apiSecret: string | undefined;
}

export interface PostgresConfig {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly origin: Origin;
}

export interface RedisConfig {
  readonly host: string;
  readonly port: number;
  readonly password: string | undefined;
  readonly db: number;
  readonly origin: Origin;
}

const BYBIT = {
  restUrl: 'https://api.bybit.com',
  wsUrl: 'wss://stream.bybit.com/v5/public/spot',
} as const;

const BYBIT_TESTNET = {
  restUrl: 'https://api-testnet.bybit.com',
  wsUrl: 'wss://stream-testnet.bybit.com/v5/public/spot',
} as const;

export function resolvePostgres(
  variables: Variables,
  environment: Environment,
  stack: StackFile | undefined,
): PostgresConfig {
  const origin = originOf('POSTGRES_', environment, stack);
  if (origin === 'm1 up' && stack !== undefined) return { ...stack.postgres, origin };
  return {
    host: variables.POSTGRES_HOST ?? 'localhost',
    port: variables.POSTGRES_PORT ?? 5432,
    user: variables.POSTGRES_USER ?? 'm1',
    password: variables.POSTGRES_PASSWORD,
    database: variables.POSTGRES_DB ?? 'm1',
    origin,
  };
}

export function resolveRedis(
  variables: Variables,
  environment: Environment,
  stack: StackFile | undefined,
): RedisConfig {
  const origin = originOf('REDIS_', environment, stack);
  if (origin === 'm1 up' && stack !== undefined) {
    const { host, port, password, db } = stack.redis;
    return { host, port, password, db: db ?? 0, origin };
  }
  return {
    host: variables.REDIS_HOST ?? 'localhost',
    port: variables.REDIS_PORT ?? 6379,
    password: variables.REDIS_PASSWORD,
    db: variables.REDIS_DB ?? 0,
    origin,
  };
}

/**
 * @param stack only when its database is used too: candles of the simulator must never reach a
 *   database that the environment names
 */
export function resolveVenue(variables: Variables, stack: StackFile | undefined): VenueConfig {
  const testnet = variables.BYBIT_TESTNET ?? false;
  const overrides = OVERRIDES.filter((name) => variables[name] !== undefined);
  const override = overrides.length > 0;
  const simulator = override || testnet ? undefined : stack?.simulator;
  const venue = simulator ?? (testnet ? BYBIT_TESTNET : BYBIT);
  const label = override
    ? 'override'
    : simulator !== undefined
      ? SIMULATED_SOURCE
      : testnet
        ? 'bybit-testnet'
        : 'bybit';
  return {
    restUrl: variables.BYBIT_REST_URL ?? venue.restUrl,
    wsUrl: variables.BYBIT_WS_URL ?? venue.wsUrl,
    overrides,
    streamRefusal: streamRefusal(variables),
    source: variables.BYBIT_SOURCE ?? label,
    testnet,
    rateLimit: variables.BYBIT_RATE_LIMIT,
    banWaitMs: variables.BYBIT_BAN_WAIT,
    apiKey: variables.BYBIT_API_KEY,
    apiSecret: variables.BYBIT_API_SECRET,
  };
}

/** Where the server whose variables start with `prefix` is named. */
export function originOf(
  prefix: string,
  environment: Environment,
  stack: StackFile | undefined,
): Origin {
  const names = Object.keys(environment.values).filter((name) => name.startsWith(prefix));
  if (names.length === 0) return stack === undefined ? 'default' : 'm1 up';
  return names.every((name) => environment.fromFile.has(name)) ? '.env' : 'environment';
}
