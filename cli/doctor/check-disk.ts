import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { fail, ok, warn, type Check } from './check.js';

/** PostgreSQL stops when its disk is full, so the warning comes early. Bytes. */
const LITTLE = 5e9;
const TOO_LITTLE = 5e8;

/** Space where the local servers keep their data. */
export async function checkDisk(home: string): Promise<Check> {
  let folder = home;
  while (!existsSync(folder) && path.dirname(folder) !== folder) folder = path.dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  return judgeSpace(bavail * bsize, home);
}

/** @param bytes free */
export function judgeSpace(bytes: number, home: string): Check {
  const text = `${(bytes / 1e9).toFixed(1)} GB free for the local servers in ${home}`;
  if (bytes < TOO_LITTLE) return fail('disk', `${text}: free some space, or set M1_HOME`);
  if (bytes < LITTLE) return warn('disk', `${text}: a year of 50 pairs needs about 3 GB`);
  return ok('disk', text);
}
