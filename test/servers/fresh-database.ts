import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { PostgresAddress } from '../../stack/start-postgres.js';
import { migrateUp } from '../../storage/migrate.js';
import { PostgresDatabase } from '../../storage/postgres.js';
import { testServers } from './test-servers.js';

/** An empty database of its own. */
export interface FreshDatabase extends PostgresAddress {
  /** As `postgres://` URL. */
  readonly url: string;
  /** Disconnects everybody and removes it. */
  drop(): Promise<void>;
}

/** The name of the database that migrated ones are copied from. */
const MIGRATED = 'migrated';

/** Any number: those who want to make that database wait for each other. */
const MIGRATED_LOCK = 1;

/** Creates an empty database on the server of the test run; drop it in `afterAll`. */
export function freshDatabase(): Promise<FreshDatabase> {
  return createDatabase('template1');
}

/** As `freshDatabase`, with the tables of all migrations: a copy of what is migrated once a run. */
export async function migratedDatabase(): Promise<FreshDatabase> {
  await ensureMigrated(testServers().postgres);
  return createDatabase(MIGRATED);
}

async function createDatabase(template: string): Promise<FreshDatabase> {
  const server = testServers().postgres;
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  await run(server, (client) => client.query(`create database ${database} template ${template}`));
  const { host, port, user, password } = server;
  const drop = `drop database if exists ${database} with (force)`;
  return {
    ...{ host, port, user, password, database },
    url: `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`,
    drop: () => run(server, (client) => client.query(drop)),
  };
}

async function ensureMigrated(server: PostgresAddress): Promise<void> {
  await run(server, async (client) => {
    await client.query('select pg_advisory_lock($1)', [MIGRATED_LOCK]);
    const { rows } = await client.query('select from pg_database where datname = $1', [MIGRATED]);
    if (rows.length > 0) return;
    const { database: unfinished, ...address } = await createDatabase('template1');
    const database = new PostgresDatabase({ ...address, database: unfinished });
    try {
      await migrateUp(database);
    } finally {
      await database.close();
    }
    await client.query(`alter database ${unfinished} rename to ${MIGRATED}`);
  });
}

async function run(
  server: PostgresAddress,
  work: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client(server);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
