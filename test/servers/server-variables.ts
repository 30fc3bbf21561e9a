import type { PostgresAddress } from '../../stack/start-postgres.js';

/** What a program finds a database by. */
export function postgresVariables(address: PostgresAddress): Record<string, string> {
  return {
    POSTGRES_HOST: address.host,
    POSTGRES_PORT: String(address.port),
    POSTGRES_USER: address.user,
    POSTGRES_PASSWORD: address.password,
    POSTGRES_DB: address.database,
  };
}

/** What a program finds a Redis by. */
export function redisVariables(redis: {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly db?: number | undefined;
}): Record<string, string> {
  return {
    REDIS_HOST: String(redis.host),
    REDIS_PORT: String(redis.port),
    REDIS_DB: String(redis.db),
  };
}
