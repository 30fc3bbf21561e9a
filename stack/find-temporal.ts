import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { cloneRoot } from '../runtime/stack-file.js';
import { cacheDir, makePassableDir, type FindOptions } from './cache-dir.js';
import { withLock } from './lock.js';
import { findOnPath, runCommand } from './run-command.js';
import { StackError } from './stack-error.js';

// v1.9.1 cannot be installed this way: its go.mod has a replace directive
const GO_PACKAGE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';
const VERSION_TIMEOUT_MS = 20_000;
const DOWNLOAD_START_TIMEOUT_MS = 10_000;
const DOWNLOAD_TIMEOUT_MS = 300_000;
const GO_INSTALL_TIMEOUT_MS = 1_800_000;
const POLL_MS = 200;

/**
 * The path of a `temporal` binary: on PATH, in the cache, by the SDK's own download, or built with
 * Go. Throws {@link StackError} when none of these works.
 */
export async function findTemporal(options: FindOptions): Promise<string> {
  const onPath = findOnPath('temporal', options.env);
  if (onPath !== undefined && (await works(onPath))) return onPath;
  const cached = path.join(options.cacheDir ?? cacheDir(options.env), 'bin', 'temporal');
  if (await works(cached)) return cached;
  makePassableDir(path.dirname(cached));
  return withLock(
    `${cached}.lock`,
    async () => {
      if (!(await works(cached))) await provision(cached, options);
      return cached;
    },
    () => options.log('another process is installing Temporal, waiting for it'),
  );
}

async function provision(target: string, options: FindOptions): Promise<void> {
  const reasons: string[] = [];
  for (const install of [download, goInstall]) {
    // in the cache itself, so that the finished binary is moved into place in one step
    const folder = mkdtempSync(path.join(path.dirname(target), '.temporal-'));
    try {
      const result = await install(folder, options);
      if ('binary' in result && (await works(result.binary))) {
        renameSync(result.binary, target);
        return;
      }
      reasons.push('reason' in result ? result.reason : 'the binary does not run');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    options.signal?.throwIfAborted();
  }
  throw new StackError(
    `no Temporal server (${reasons.join('; ')}): install the Temporal CLI ` +
      'from https://docs.temporal.io/cli, or Go, or set TEMPORAL_ADDRESS',
  );
}

type Provisioned = { readonly binary: string } | { readonly reason: string };

/** In a process of its own: the SDK's download has no time limit that we could set. */
async function download(folder: string, options: FindOptions): Promise<Provisioned> {
  options.log('downloading the Temporal server (about 100 MB, up to a few minutes)');
  const giveUp = new AbortController();
  const started = Date.now();
  const watch = setInterval(() => {
    // without a network nothing is ever written: that must not cost more than a few seconds
    const slow = Date.now() - started > DOWNLOAD_START_TIMEOUT_MS;
    if (slow && readdirSync(folder).length === 0) giveUp.abort();
  }, POLL_MS);
  const signal = anySignal(giveUp.signal, options.signal);
  try {
    const script = path.join(cloneRoot(), 'scripts', 'download-temporal.mjs');
    const result = await runCommand(process.execPath, [script, folder], {
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
      env: { ...process.env, ...options.env },
      signal,
    });
    const file = readdirSync(folder).find((name) => !name.endsWith('.downloading'));
    if (result.ok && file !== undefined) return { binary: path.join(folder, file) };
    const why = giveUp.signal.aborted ? 'no answer' : result.reason;
    options.log(`the download did not work: ${why}`);
    return { reason: `download: ${why}` };
  } finally {
    clearInterval(watch);
  }
}

async function goInstall(folder: string, options: FindOptions): Promise<Provisioned> {
  const go = findOnPath('go', options.env);
  if (go === undefined) return { reason: 'Go is not installed' };
  options.log('building the Temporal server with Go (about 4 minutes, once per machine)');
  mkdirSync(path.join(folder, 'bin'));
  const result = await runCommand(go, ['install', GO_PACKAGE], {
    timeoutMs: GO_INSTALL_TIMEOUT_MS,
    env: {
      ...process.env,
      HOME: homedir(),
      ...options.env,
      GOBIN: path.join(folder, 'bin'),
      // flags that somebody's projects need, as -mod=vendor, make this command fail
      GOFLAGS: '',
    },
    cwd: folder,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (result.ok) return { binary: path.join(folder, 'bin', 'temporal') };
  return { reason: `go install: ${result.reason}` };
}

async function works(binary: string): Promise<boolean> {
  if (!existsSync(binary)) return false;
  const result = await runCommand(binary, ['--version'], { timeoutMs: VERSION_TIMEOUT_MS });
  return result.ok && result.stdout.startsWith('temporal version');
}

function anySignal(first: AbortSignal, second: AbortSignal | undefined): AbortSignal {
  return second === undefined ? first : AbortSignal.any([first, second]);
}
