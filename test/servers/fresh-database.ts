import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { PostgresAddress } from '../../stack/start-postgres.js';
import { testServers } from './test-servers.js';

/** An empty database of its own. */
export interface FreshDatabase extends PostgresAddress {
  /** As `postgres://` URL. */
  readonly url: string;
  /** Disconnects everybody and removes it. */
  drop(): Promise<void>;
}

/** Creates an empty database on the server of the test run; drop it in `afterAll`. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const server = testServers().postgres;
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  await run(server, `create database ${database}`);
  const { host, port, user, password } = server;
  return {
    ...{ host, port, user, password, database },
    url: `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`,
    drop: () => run(server, `drop database if exists ${database} with (force)`),
  };
}

async function run(server: PostgresAddress, sql: string): Promise<void> {
  const client = new pg.Client(server);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
