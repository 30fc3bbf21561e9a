import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheDir, isRoot, makePassableDir, type FindOptions } from './cache-dir.js';
import { withLock } from './lock.js';
import { findOnPath, runCommand } from './run-command.js';
import { StackError } from './stack-error.js';

const APT_TIMEOUT_MS = 600_000;
// asked by Debian's maintainer scripts before they start a service; 101 means "do not"
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';

/**
 * The path of a Redis or Valkey server: on PATH, or installed with apt when we are root on Debian
 * or Ubuntu. Throws {@link StackError} with the command to run otherwise.
 */
export async function findRedis(options: FindOptions): Promise<string> {
  const found = onPath(options);
  if (found !== undefined) return found;
  const env = options.env ?? process.env;
  if (!isRoot() || findOnPath('apt-get', env) === undefined) {
    throw new StackError(`no Redis server on PATH: ${installHint(env)}, or set REDIS_HOST`);
  }
  const cache = options.cacheDir ?? cacheDir(env);
  makePassableDir(cache);
  return withLock(
    path.join(cache, 'redis.lock'),
    async () => onPath(options) ?? (await aptInstall(options)),
    () => options.log('another process is installing Redis, waiting for it'),
  );
}

function onPath(options: FindOptions): string | undefined {
  return findOnPath('redis-server', options.env) ?? findOnPath('valkey-server', options.env);
}

function installHint(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'darwin') return 'brew install redis';
  if (findOnPath('apt-get', env) !== undefined) return 'sudo apt-get install redis-server';
  if (findOnPath('dnf', env) !== undefined) return 'sudo dnf install valkey';
  return 'install redis-server with your package manager';
}

async function aptInstall(options: FindOptions): Promise<string> {
  options.log('installing redis-server with apt-get (about half a minute)');
  const install = ['install', '-y', '--no-install-recommends', 'redis-server'];
  const reason = await withoutServiceStart(async () => {
    const first = await apt(install, options);
    if (first.ok) return '';
    // an image without package lists, or lists so old that the package has moved
    const update = await apt(['update'], options);
    const second = await apt(install, options);
    return second.ok ? '' : second.reason || update.reason;
  });
  const found = onPath(options);
  if (found === undefined) {
    throw new StackError(
      `apt-get install redis-server failed (${reason}): install Redis yourself, or set REDIS_HOST`,
    );
  }
  // installed for us, not as a service of this machine: it must not start at the next boot either
  if (existsSync('/run/systemd/system')) {
    await runCommand('systemctl', ['disable', '--now', 'redis-server.service'], {
      timeoutMs: 30_000,
    });
  }
  return found;
}

function apt(args: readonly string[], options: FindOptions): ReturnType<typeof runCommand> {
  return runCommand('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    timeoutMs: APT_TIMEOUT_MS,
    env: { ...process.env, ...options.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

async function withoutServiceStart<T>(work: () => Promise<T>): Promise<T> {
  // a policy of the machine's owner stays; a container's says "do not" already
  const ours = !existsSync(SERVICE_POLICY);
  if (ours) writeFileSync(SERVICE_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await work();
  } finally {
    if (ours) rmSync(SERVICE_POLICY, { force: true });
  }
}
