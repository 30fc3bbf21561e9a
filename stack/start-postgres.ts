import path from 'node:path';
import pg from 'pg';
import type { PostgresBinaries } from './find-postgres.js';
import { LOOPBACK, startOnPort } from './ports.js';
import { preparePostgresData, type PostgresData } from './postgres-data.js';
import { postgresUser } from './postgres-user.js';
import { startProcess, type ServerProcess } from './server-process.js';
import type { StartOptions } from './start-options.js';
import { waitUntilReady } from './wait-until-ready.js';

const DEFAULT_PORT = 5432;
// after a crash it may first have to replay its log
const READY_TIMEOUT_MS = 120_000;
const CONNECT_TIMEOUT_MS = 5_000;
const STOP_TIMEOUT_MS = 30_000;
const DATABASE = 'm1';

/** Durable, and sized for a developer's machine. */
const SETTINGS = {
  listen_addresses: LOOPBACK,
  // the path of a socket may not be longer than 107 characters: none is safest
  unix_socket_directories: '',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  wal_compression: 'on',
  // nothing is replicated from here
  wal_level: 'minimal',
  max_wal_senders: '0',
  // queries are short: compiling them costs more than it saves
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** For tests: a crash of the machine may lose everything. */
const UNSAFE_SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '128MB',
  max_connections: '200',
};

/** The options of {@link startPostgres}. */
export interface PostgresOptions extends StartOptions {
  readonly binaries: PostgresBinaries;
  /** True trades durability for speed; for tests. */
  readonly unsafe?: boolean;
}

/** How to connect to a PostgreSQL server. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** A running PostgreSQL server with the database `m1`. */
export interface PostgresServer extends ServerProcess, PostgresAddress {}

/** Starts PostgreSQL on its data folder, which the first start fills. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const user = await postgresUser();
  const data = await preparePostgresData({
    dataDir: options.dataDir,
    binaries: options.binaries,
    user,
    unsafe: options.unsafe ?? false,
  });
  return startOnPort(options.port ?? { preferred: DEFAULT_PORT }, async (port) => {
    const server = await startProcess({
      name: 'postgres',
      command: options.binaries.postgres,
      args: ['-D', data.folder, '-p', String(port), ...settingArguments(options.unsafe ?? false)],
      env: { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C' },
      cwd: '/',
      ...(user === undefined ? {} : { user }),
      logFile: options.logFile ?? path.join(options.dataDir, 'postgres.log'),
      // "fast": roll back what is open and disconnect everybody, then a clean shutdown
      stopSignal: 'SIGINT',
      stopTimeoutMs: STOP_TIMEOUT_MS,
    });
    options.onSpawn?.(server);
    await waitUntilReady(server, {
      ports: [port],
      answers: () => hasDatabase(data, port),
      timeoutMs: READY_TIMEOUT_MS,
      signal: options.signal,
    });
    const { user: name, password } = data;
    return { ...server, host: LOOPBACK, port, user: name, password, database: DATABASE };
  });
}

function settingArguments(unsafe: boolean): string[] {
  const settings = unsafe ? { ...SETTINGS, ...UNSAFE_SETTINGS } : SETTINGS;
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Connects to the maintenance database; the first time it creates ours. */
async function hasDatabase(data: PostgresData, port: number): Promise<boolean> {
  const client = new pg.Client({
    ...{ host: LOOPBACK, port, user: data.user, password: data.password, database: 'postgres' },
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // a server that stops while we ask is "not yet", told by the query itself
  client.on('error', () => undefined);
  try {
    await client.connect();
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`);
    return true;
  } finally {
    await client.end();
  }
}
