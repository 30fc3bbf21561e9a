import pg from 'pg';
import type { PostgresAddress, PostgresServer } from '../stack/start-postgres.js';
import { migrateUp } from '../storage/migrate.js';
import { PostgresDatabase } from '../storage/postgres.js';

/** A database of one topic with M1's tables. */
export interface BenchDatabase {
  readonly address: PostgresAddress;
  readonly sql: pg.Pool;
  close(): Promise<void>;
}

const CONNECTIONS = 4;

/** Creates the database `name` on the server and brings its schema up to date. */
export async function createBenchDatabase(
  server: PostgresServer,
  name: string,
): Promise<BenchDatabase> {
  const { host, port, user, password } = server;
  const client = new pg.Client({ host, port, user, password, database: server.database });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  const address = { host, port, user, password, database: name };
  const database = new PostgresDatabase(address);
  try {
    await migrateUp(database);
  } finally {
    await database.close();
  }
  const sql = new pg.Pool({ ...address, max: CONNECTIONS });
  // idle connections break when the server stops at the end
  sql.on('error', () => undefined);
  return { address, sql, close: () => sql.end() };
}

/** Empties what a backfill fills and has all of it on disk, so that every run starts alike. */
export async function emptyTables({ sql }: BenchDatabase): Promise<void> {
  await sql.query('truncate ohlcv, coverage, gap, "fetch", symbols');
  await sql.query('checkpoint');
}
