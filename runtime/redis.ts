import { Redis } from 'ioredis';
import { ServerAway, reasonOf } from '../domain/failure.js';
import type { RedisConfig } from './config.js';

export interface RedisOptions {
  /** Told about each failed connection; the client connects again by itself. */
  readonly onError: (error: Error) => void;
  /** A command that takes longer fails, ms. @default 5000 */
  readonly commandTimeoutMs?: number;
}

const COMMAND_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_RECONNECT_DELAY_MS = 2_000;

/**
 * A client that connects when it is first used and again whenever it is cut off. Commands fail at
 * once while it is away: who uses Redis decides what to do without it. Must be disconnected.
 */
export function createRedis(config: RedisConfig, options: RedisOptions): Redis {
  const redis = new Redis({
    host: config.host,
    port: config.port,
    db: config.db,
    ...(config.password === undefined ? {} : { password: config.password }),
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: options.commandTimeoutMs ?? COMMAND_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(MAX_RECONNECT_DELAY_MS, 100 * 2 ** Math.min(attempt, 5)),
  });
  redis.on('error', options.onError);
  return redis;
}

/** Connects once, to see whether it answers. @throws ServerAway when it does not */
export async function pingRedis(config: RedisConfig): Promise<string> {
  const errors: Error[] = [];
  const redis = createRedis(config, { onError: (error) => errors.push(error) });
  redis.options.retryStrategy = () => null;
  try {
    const info = await redis.info('server');
    return /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown version';
  } catch (error) {
    throw redisAway(errors[0] ?? error, config);
  } finally {
    redis.disconnect();
  }
}

function redisAway(error: unknown, { host, port }: RedisConfig): ServerAway {
  const cause = causeOf(error);
  const refused = /NOAUTH|WRONGPASS|AUTH/.test(cause);
  return new ServerAway(
    refused
      ? `Redis at ${host}:${port} refuses the password: check REDIS_PASSWORD`
      : `Redis at ${host}:${port} does not answer (${cause}): start m1 up, or set REDIS_HOST`,
  );
}

/** Failures over the several addresses of one name come as an AggregateError without a message. */
function causeOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  return reasonOf(first ?? error);
}
