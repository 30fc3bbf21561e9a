import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import path from 'node:path';

/** Writes one line for the user. */
export type Log = (line: string) => void;

/** What the functions that find a server take. */
export interface FindOptions {
  /** Told what is done and how long it may take. */
  readonly log: Log;
  /** Where binaries are kept, outside the clone; default {@link cacheDir}. */
  readonly cacheDir?: string;
  /** Searched for PATH; default the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** The folder that keeps server binaries, shared by all clones of this user. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  if (isRoot()) return '/var/cache/m1';
  const base = env['XDG_CACHE_HOME'];
  return path.join(base !== undefined && base !== '' ? base : path.join(homedir(), '.cache'), 'm1');
}

/** True when this process is root, which PostgreSQL refuses to run as. */
export function isRoot(): boolean {
  return userInfo().uid === 0;
}

/**
 * Creates a folder and its missing parents so that other users may pass through them, whatever the
 * umask: PostgreSQL runs as another user when we are root.
 */
export function makePassableDir(dir: string): void {
  if (existsSync(dir)) return;
  makePassableDir(path.dirname(dir));
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o755);
}
