import { existsSync } from 'node:fs';
import path from 'node:path';
import { aptInstall } from './apt-install.js';
import { cacheDir, isRoot, makePassableDir, type FindOptions } from './cache-dir.js';
import { withLock } from './lock.js';
import { findOnPath } from './run-command.js';
import { StackError } from './stack-error.js';

/** Where Debian puts it. */
const USUAL = '/usr/bin/chromium';

/**
 * The path of a Chromium for the tests of the dashboard: `CHROMIUM`, Debian's, or installed with apt
 * when we are root on Debian. Throws {@link StackError} with the command to run otherwise.
 */
export async function findChromium(options: FindOptions): Promise<string> {
  const env = options.env ?? process.env;
  const given = env['CHROMIUM'];
  if (given !== undefined && given !== '') return given;
  if (existsSync(USUAL)) return USUAL;
  if (!isRoot() || findOnPath('apt-get', env) === undefined) {
    throw new StackError(`no Chromium at ${USUAL}: sudo apt-get install chromium, or set CHROMIUM`);
  }
  const cache = options.cacheDir ?? cacheDir(env);
  makePassableDir(cache);
  return withLock(
    path.join(cache, 'chromium.lock'),
    () => install(options),
    () => options.log('another process is installing Chromium, waiting for it'),
  );
}

async function install(options: FindOptions): Promise<string> {
  if (existsSync(USUAL)) return USUAL;
  options.log('installing chromium with apt-get (about a minute)');
  const reason = await aptInstall('chromium', options);
  if (existsSync(USUAL)) return USUAL;
  throw new StackError(
    `apt-get install chromium failed (${reason}): install Chromium yourself, or set CHROMIUM`,
  );
}
