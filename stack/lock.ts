import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identifyProcess, isRunning, type ProcessIdentity } from '../runtime/stack-file.js';

const POLL_MS = 200;

/** Takes the lock file for this process; false when a living process holds it. */
export function takeLock(file: string): boolean {
  mkdirSync(path.dirname(file), { recursive: true });
  // written aside and linked into place, so nobody ever reads a lock without its content
  const mine = `${file}.${randomUUID()}`;
  writeFileSync(mine, JSON.stringify(identifyProcess(process.pid)));
  try {
    if (link(mine, file)) return true;
    removeIfStale(file);
    return link(mine, file);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Gives the lock back. */
export function releaseLock(file: string): void {
  rmSync(file, { force: true });
}

/** The living process that holds the lock, or undefined. */
export function lockHolder(file: string): ProcessIdentity | undefined {
  const holder = readHolder(file);
  return holder !== undefined && isRunning(holder) ? holder : undefined;
}

/** Runs `work` under the lock, after waiting for the one who holds it. */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  onWait: (holder: ProcessIdentity | undefined) => void,
): Promise<T> {
  for (let attempt = 0; !takeLock(file); attempt += 1) {
    if (attempt === 0) onWait(lockHolder(file));
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    releaseLock(file);
  }
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function removeIfStale(file: string): void {
  if (lockHolder(file) !== undefined) return;
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // another process may have replaced the stale lock between our look and the rename
  if (lockHolder(aside) !== undefined) link(aside, file);
  rmSync(aside, { force: true });
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch (error) {
    // only a file cut short by a full disk or a crash is unreadable: nobody holds it
    if (error instanceof SyntaxError) return undefined;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
