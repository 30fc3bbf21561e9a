import { isRoot } from './cache-dir.js';
import { runCommand } from './run-command.js';
import type { ServerUser } from './server-process.js';
import { StackError } from './stack-error.js';

const NAME = 'postgres';
const TIMEOUT_MS = 30_000;

/**
 * The user that PostgreSQL runs as: undefined (ourselves) for everybody but root, which it refuses.
 * For root the system's user `postgres`, created when missing.
 */
export async function postgresUser(): Promise<ServerUser | undefined> {
  if (!isRoot()) return undefined;
  const found = await lookUp();
  if (found !== undefined) return found;
  // without a home or a shell, and without the group of ours that useradd would otherwise refuse
  const created = await runCommand(
    'useradd',
    [
      '--system',
      '--user-group',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/usr/sbin/nologin',
      NAME,
    ],
    { timeoutMs: TIMEOUT_MS },
  );
  const user = await lookUp();
  if (user !== undefined) return user;
  throw new StackError(
    `PostgreSQL cannot run as root and the user ${NAME} could not be created (${created.reason}): ` +
      `run useradd --system ${NAME}, or run m1 as another user`,
  );
}

/** True when the user may enter the folder, whatever the permissions of its parents look like. */
export async function canEnter(folder: string, user: ServerUser | undefined): Promise<boolean> {
  const result = await runCommand('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], {
    timeoutMs: TIMEOUT_MS,
    cwd: '/',
    ...user,
  });
  return result.ok;
}

async function lookUp(): Promise<ServerUser | undefined> {
  const options = { timeoutMs: TIMEOUT_MS };
  const uid = await runCommand('id', ['-u', NAME], options);
  const gid = await runCommand('id', ['-g', NAME], options);
  return uid.ok && gid.ok ? { uid: Number(uid.stdout), gid: Number(gid.stdout) } : undefined;
}
