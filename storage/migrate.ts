import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runner, type RunnerOption } from 'node-pg-migrate';
import { GiveUpRun, reasonOf, RetryNow, ServerAway } from '../domain/failure.js';
import type { Database, Session } from './database.js';
import { errorCode } from './database-failure.js';

const TABLE = 'pgmigrations';
/** Beside this folder, in the sources as well as in dist. */
const FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

/** What the rows of ohlcv lie in; `none` before the first migration. */
export type OhlcvTable = 'hypertable' | 'plain' | 'none';

/** Whether TimescaleDB is there: in this database, only on this server, or not at all. */
export type TimescaleState = 'installed' | 'available' | 'absent';

export interface MigrationStatus {
  /** Names of migrations, oldest first. */
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  readonly table: OhlcvTable;
  readonly timescale: TimescaleState;
}

export interface Upgrade {
  /** Names of the migrations that this run applied. */
  readonly applied: readonly string[];
  readonly hypertable: HypertableStep;
}

/** `reason` says why the extension is there and could not be used. */
export interface HypertableStep {
  readonly table: OhlcvTable;
  readonly reason: string | undefined;
}

/**
 * Applies what is pending, all or nothing, then makes ohlcv a hypertable where that is possible. Two
 * at the same time wait for each other.
 */
export async function migrateUp(database: Database): Promise<Upgrade> {
  const applied = await run(database, 'up', Infinity);
  return { applied, hypertable: await ensureHypertable(database) };
}

/**
 * Takes back the newest `count` migrations with their data, all or nothing.
 *
 * @returns names of the migrations taken back, newest first
 */
export async function migrateDown(database: Database, count: number): Promise<readonly string[]> {
  return run(database, 'down', count);
}

async function run(
  database: Database,
  direction: 'up' | 'down',
  count: number,
): Promise<readonly string[]> {
  const silent = (): void => undefined;
  return database.session(async (session) => {
    const done = await runner({
      dbClient: clientOf(session),
      dir: FOLDER,
      migrationsTable: TABLE,
      direction,
      count,
      singleTransaction: true,
      advisoryLockMode: 'wait',
      logger: { debug: silent, info: silent, warn: silent, error: silent },
    });
    return done.map(({ name }) => name);
  });
}

/** The part of a client of pg that node-pg-migrate uses. */
function clientOf(session: Session): Extract<RunnerOption, { dbClient: unknown }>['dbClient'] {
  const query: Session['query'] = (text, values) => session.query(text, values);
  return { query } as unknown as ReturnType<typeof clientOf>;
}

/**
 * Makes ohlcv a hypertable with chunks of 7 days when TimescaleDB is available, keeping its rows; may
 * be repeated. A server that has the extension and refuses it leaves an ordinary table, which is as
 * good but for its size on disk and the age of what can be dropped cheaply.
 */
export async function ensureHypertable(database: Database): Promise<HypertableStep> {
  if ((await timescaleState(database)) === 'absent') return { table: 'plain', reason: undefined };
  try {
    await database.query('create extension if not exists timescaledb');
    const { rows } = await database.query<{ done: boolean }>(
      'select m1_ensure_hypertable() as done',
    );
    return { table: rows[0]?.done === true ? 'hypertable' : 'plain', reason: undefined };
  } catch (error) {
    if (isOurFailure(error)) throw error;
    return { table: 'plain', reason: reasonOf(error) };
  }
}

/** A lost connection or a full disk says nothing of the extension; a missing right does. */
function isOurFailure(error: unknown): boolean {
  if (error instanceof Error && errorCode(error.cause) === '42501') return false;
  return error instanceof ServerAway || error instanceof GiveUpRun || error instanceof RetryNow;
}

/** What is applied and what is not, without changing anything. */
export async function migrationStatus(database: Database): Promise<MigrationStatus> {
  const all = await migrationNames();
  const { rows: tables } = await database.query<{ migrations: boolean; ohlcv: boolean }>(
    `select to_regclass('${TABLE}') is not null as migrations, to_regclass('ohlcv') is not null as ohlcv`,
  );
  const applied = tables[0]?.migrations === true ? await appliedNames(database) : [];
  const timescale = await timescaleState(database);
  const hypertable = timescale === 'installed' && (await isHypertable(database));
  return {
    applied,
    pending: all.filter((name) => !applied.includes(name)),
    table: hypertable ? 'hypertable' : tables[0]?.ohlcv === true ? 'plain' : 'none',
    timescale,
  };
}

async function migrationNames(): Promise<string[]> {
  if (!existsSync(FOLDER)) {
    throw new GiveUpRun(`the folder of migrations is missing (${FOLDER}): run npm run build`);
  }
  const names = (await readdir(FOLDER)).filter((file) => file.endsWith('.sql'));
  return names
    .map((file) => file.slice(0, -'.sql'.length))
    .sort((a, b) => parseInt(a, 10) - parseInt(b, 10));
}

async function appliedNames(database: Database): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    `select name from ${TABLE} order by run_on, id`,
  );
  return rows.map(({ name }) => name);
}

async function timescaleState(database: Database): Promise<TimescaleState> {
  const { rows } = await database.query<{ installed: boolean }>(
    `select installed_version is not null as installed
     from pg_available_extensions where name = 'timescaledb'`,
  );
  const row = rows[0];
  if (row === undefined) return 'absent';
  return row.installed ? 'installed' : 'available';
}

async function isHypertable(database: Database): Promise<boolean> {
  const { rows } = await database.query(
    `select from timescaledb_information.hypertables
     where hypertable_schema = current_schema() and hypertable_name = 'ohlcv'`,
  );
  return rows.length > 0;
}
