import { Redis, type RedisOptions as RedisClientOptions } from 'ioredis';
import { reasonOf, ServerAway } from '../domain/failure.js';

export interface RedisOptions {
  readonly host: string;
  readonly port: number;
  readonly password?: string | undefined;
  readonly db: number;
}

const CONNECT_TIMEOUT_MS = 3_000;
/** A command without an answer for this long has failed. */
const COMMAND_TIMEOUT_MS = 2_000;
/** The longest pause between two attempts to connect again. */
const MAX_RETRY_PAUSE_MS = 1_000;

class PasswordRefused extends ServerAway {}

/** How a client treats a connection that is not there. */
type ClientBehaviour = Pick<
  RedisClientOptions,
  'enableOfflineQueue' | 'autoResendUnfulfilledCommands' | 'lazyConnect' | 'retryStrategy'
>;

/** Pause before the `attempt`-th attempt to connect again, ms. */
export function retryPauseMs(attempt: number): number {
  return Math.min(25 * 2 ** Math.min(attempt, 10), MAX_RETRY_PAUSE_MS);
}

/**
 * A client that connects again for ever and whose commands fail at once while it is not connected:
 * nothing queues up. Resolves when it is connected, or when the first attempt has failed.
 */
export async function connectRedis(options: RedisOptions): Promise<Redis> {
  const redis = createClient(options, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: retryPauseMs,
  });
  // Each command reports its own failure; without a listener this would end the process.
  redis.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    redis.once('ready', resolve);
    redis.once('close', resolve);
  });
  return redis;
}

/**
 * A password that is refused is a fault of the configuration, which no waiting mends; a Redis that is
 * away comes back.
 *
 * @throws ServerAway when Redis refuses the password
 */
export async function refuseWrongPassword(options: RedisOptions): Promise<void> {
  try {
    await pingRedis(options);
  } catch (error) {
    if (error instanceof PasswordRefused) throw error;
  }
}

/** Connects once, to see whether it answers. @throws ServerAway when it does not or refuses */
export async function pingRedis(options: RedisOptions): Promise<string> {
  const errors: Error[] = [];
  const redis = createClient(options, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', (error) => errors.push(error));
  try {
    const info = await redis.info('server');
    return /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown version';
  } catch (error) {
    throw redisAway(errors[0] ?? error, options);
  } finally {
    redis.disconnect();
  }
}

function createClient(
  { host, port, password, db }: RedisOptions,
  behaviour: ClientBehaviour,
): Redis {
  return new Redis({
    ...{ host, port, db },
    ...(password === undefined ? {} : { password }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    connectionName: 'm1',
    ...behaviour,
  });
}

function redisAway(error: unknown, { host, port }: RedisOptions): ServerAway {
  const cause = causeOf(error);
  return isRefusal(cause)
    ? new PasswordRefused(`Redis at ${host}:${port} refuses the password: check REDIS_PASSWORD`)
    : new ServerAway(
        `Redis at ${host}:${port} does not answer (${cause}): start m1 up, or set REDIS_HOST`,
      );
}

function isRefusal(cause: string): boolean {
  return /NOAUTH|WRONGPASS|AUTH/.test(cause);
}

/** Failures over the several addresses of one name come as an AggregateError without a message. */
function causeOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  return reasonOf(first ?? error);
}
