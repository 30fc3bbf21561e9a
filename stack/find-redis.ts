import { existsSync } from 'node:fs';
import path from 'node:path';
import { aptInstall } from './apt-install.js';
import { cacheDir, isRoot, makePassableDir, type FindOptions } from './cache-dir.js';
import { withLock } from './lock.js';
import { findOnPath, runCommand } from './run-command.js';
import { StackError } from './stack-error.js';

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
    async () => onPath(options) ?? (await install(options)),
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

async function install(options: FindOptions): Promise<string> {
  options.log('installing redis-server with apt-get (about half a minute)');
  const reason = await aptInstall('redis-server', options);
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
