import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { makePassableDir } from './cache-dir.js';
import type { PostgresBinaries } from './find-postgres.js';
import { canEnter } from './postgres-user.js';
import { runCommand } from './run-command.js';
import type { ServerUser } from './server-process.js';
import { StackError } from './stack-error.js';

const INITDB_TIMEOUT_MS = 120_000;
/** For databases whose home lies where the server's user cannot go. */
const ELSEWHERE = '/var/lib/m1/relocated';

/** Where the cluster lies and how to log in. */
export interface PostgresData {
  readonly folder: string;
  readonly user: string;
  readonly password: string;
}

/** The options of {@link preparePostgresData}. */
export interface PostgresDataOptions {
  readonly dataDir: string;
  readonly binaries: PostgresBinaries;
  readonly user: ServerUser | undefined;
  /** True skips fsync while the cluster is created; for tests. */
  readonly unsafe?: boolean;
}

/** The database user that owns everything. */
export const POSTGRES_USER = 'm1';

/**
 * Creates the cluster below `dataDir` on the first start and returns it afterwards. A start that is
 * killed half-way leaves no cluster that looks whole.
 */
export async function preparePostgresData(options: PostgresDataOptions): Promise<PostgresData> {
  makePassableDir(options.dataDir);
  const folder = await clusterFolder(options);
  const password = readPassword(options.dataDir);
  if (!existsSync(path.join(folder, 'PG_VERSION'))) await createCluster(folder, password, options);
  else if (!(await canEnter(folder, options.user))) {
    throw new StackError(
      `the user of PostgreSQL cannot reach ${folder}: allow it to pass (chmod o+x its parents)`,
    );
  }
  return { folder, user: POSTGRES_USER, password };
}

/** Removes the cluster, also when it lies elsewhere, and the whole data folder. */
export function removePostgresData(dataDir: string): void {
  const link = path.join(dataDir, 'cluster');
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true && existsSync(link)) {
    rmSync(path.dirname(realpathSync(link)), { recursive: true, force: true });
  }
  rmSync(dataDir, { recursive: true, force: true });
}

async function clusterFolder({ dataDir, user }: PostgresDataOptions): Promise<string> {
  const here = path.join(dataDir, 'cluster');
  if (existsSync(here)) return realpathSync(here);
  if (await canEnter(dataDir, user)) return here;
  const elsewhere = path.join(
    ELSEWHERE,
    createHash('sha256').update(dataDir).digest('hex').slice(0, 16),
  );
  makePassableDir(elsewhere);
  const folder = path.join(elsewhere, 'cluster');
  rmSync(here, { force: true });
  symlinkSync(folder, here);
  return folder;
}

function readPassword(dataDir: string): string {
  const file = path.join(dataDir, 'password');
  if (!existsSync(file)) {
    writeFileSync(`${file}.new`, randomBytes(24).toString('base64url'), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return readFileSync(file, 'utf8').trim();
}

async function createCluster(
  folder: string,
  password: string,
  options: PostgresDataOptions,
): Promise<void> {
  const parent = path.dirname(folder);
  // owned by the server's user, who may not create a folder in `parent`
  const aside = path.join(parent, 'cluster.new');
  const passwordFile = path.join(parent, 'password.new');
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (options.user !== undefined) {
    chownSync(aside, options.user.uid, options.user.gid);
    chownSync(passwordFile, options.user.uid, options.user.gid);
  }
  try {
    const result = await runCommand(
      options.binaries.initdb,
      initdbArguments(aside, passwordFile, options),
      {
        timeoutMs: INITDB_TIMEOUT_MS,
        env: { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C' },
        cwd: aside,
        ...options.user,
      },
    );
    if (!result.ok) {
      throw new StackError(`PostgreSQL could not create its files in ${parent}: ${result.reason}`);
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(aside, folder);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(aside, { recursive: true, force: true });
  }
}

function initdbArguments(
  folder: string,
  passwordFile: string,
  options: PostgresDataOptions,
): string[] {
  return [
    ...['--pgdata', folder, '--username', POSTGRES_USER, '--pwfile', passwordFile],
    ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale-provider', 'builtin'],
    ...['--builtin-locale', 'C.UTF-8', '--locale', 'C', '--no-instructions'],
    ...(options.unsafe === true ? ['--no-sync'] : []),
  ];
}
