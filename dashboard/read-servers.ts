import { reasonOf } from '../domain/failure.js';
import { pingRedis } from '../storage/redis.js';
import type { Health } from './api.js';
import type { Connections } from './connections.js';

type Server = Health['servers'][number];

/** A server that does not tell its version within this time counts as away, ms. */
const TIMEOUT_MS = 3_000;

/** Whether each server answers, and which it is or why it does not. */
export async function readServers(connections: Connections): Promise<readonly Server[]> {
  const { database, config } = connections;
  const { postgres, redis, temporal } = config;
  return Promise.all([
    server('PostgreSQL', async () => {
      const { rows } = await database.query<{ server_version: string }>('show server_version');
      const version = rows[0]?.server_version ?? 'unknown version';
      return `${version} at ${postgres.host}:${postgres.port}/${postgres.database}`;
    }),
    server('Redis', async () => `${await pingRedis(redis)} at ${redis.host}:${redis.port}`),
    server('Temporal', async () => {
      const { connection } = await connections.temporal();
      const info = await connection.withDeadline(Date.now() + TIMEOUT_MS, () =>
        connection.workflowService.getSystemInfo({}),
      );
      const version = info.serverVersion || 'unknown version';
      return `${version} at ${temporal.address}, namespace ${temporal.namespace}`;
    }),
  ]);
}

async function server(name: string, ask: () => Promise<string>): Promise<Server> {
  try {
    return { name, ok: true, says: await ask() };
  } catch (error) {
    return { name, ok: false, says: reasonOf(error) };
  }
}
