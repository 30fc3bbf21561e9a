import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Database } from '../../storage/database.js';
import { migrateUp } from '../../storage/migrate.js';
import { PostgresDatabase } from '../../storage/postgres.js';
import { freshDatabase } from '../servers/fresh-database.js';
import { EmbeddedTimescale } from './embedded-timescale.js';

/** A database for one test file. */
export interface TestDatabase {
  readonly database: Database;
  close(): Promise<void>;
}

/** Each kind that the same code and the same migrations must run on; opened empty. */
export const DATABASES = [
  { kind: 'plain PostgreSQL', hypertable: false, open: openPostgres },
  { kind: 'embedded TimescaleDB', hypertable: true, open: openTimescale },
] as const;

export async function openPostgres(): Promise<TestDatabase> {
  const fresh = await freshDatabase();
  const database = new PostgresDatabase({ ...fresh, maxConnections: 8 });
  return {
    database,
    close: async () => {
      await database.close();
      await fresh.drop();
    },
  };
}

async function openTimescale(): Promise<TestDatabase> {
  const database = await EmbeddedTimescale.start();
  return { database, close: () => database.close() };
}

/** Opens and migrates. */
export async function opened(open: () => Promise<TestDatabase>): Promise<TestDatabase> {
  const test = await open();
  await migrateUp(test.database);
  return test;
}

/** A database for the tests of a `describe`, emptied before each of them. */
export function emptyForEach(open: () => Promise<TestDatabase>): Pick<TestDatabase, 'database'> {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await opened(open);
  });
  afterAll(() => test.close());
  beforeEach(() => clear(test.database));
  return {
    get database() {
      return test.database;
    },
  };
}

/** Empties what the collector writes. */
export async function clear(database: Database): Promise<void> {
  await database.query('truncate ohlcv');
  await database.query('truncate coverage, gap, "fetch", symbols, source, ban');
}
