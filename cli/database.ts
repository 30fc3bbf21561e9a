import { ServerAway } from '../domain/failure.js';
import type { PostgresConfig } from '../runtime/config.js';
import { PostgresDatabase } from '../storage/postgres.js';

/** A command needs few connections, since it does one thing at a time. */
const MAX_CONNECTIONS = 2;

/**
 * Works with the configured database, then closes its connections.
 *
 * @throws ServerAway when it does not answer
 */
export async function withDatabase<T>(
  postgres: PostgresConfig,
  work: (database: PostgresDatabase) => Promise<T>,
): Promise<T> {
  const database = new PostgresDatabase({ ...postgres, maxConnections: MAX_CONNECTIONS });
  try {
    return await work(database);
  } catch (error) {
    // nothing was configured, so the likely cause is that nothing was started
    if (postgres.origin === 'default' && error instanceof ServerAway) {
      const { host, port } = postgres;
      throw new ServerAway(
        `PostgreSQL does not answer at ${host}:${port}: start m1 up, or set POSTGRES_HOST`,
        { cause: error },
      );
    }
    throw error;
  } finally {
    await database.close();
  }
}
