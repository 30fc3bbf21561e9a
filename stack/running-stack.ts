import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  readStackFile,
  stackFilePath,
  type StackFile,
  type StackMode,
} from '../runtime/stack-file.js';
import type { Log } from './cache-dir.js';
import { lockHolder, releaseLock, takeLock } from './lock.js';
import { removePostgresData } from './postgres-data.js';
import { isGone, send, stopOrphans } from './process-record.js';
import { StackError } from './stack-error.js';

const POLL_MS = 100;
const STOP_TIMEOUT_MS = 120_000;
const MODES: readonly StackMode[] = ['live', 'simulated'];

/** The lock that the owner of a stack holds for its whole life. */
export function ownerLock(home: string): string {
  return path.join(home, 'owner.lock');
}

/** The list of processes that the owner started. */
export function processRecord(home: string): string {
  return path.join(home, 'processes.json');
}

/** The folder of one mode: simulated and real data never meet. */
export function modeFolder(home: string, mode: StackMode): string {
  return path.join(home, mode);
}

/** The stack that runs below `home` and is complete, or undefined. */
export function findRunningStack(home: string): StackFile | undefined {
  const file = readStackFile(home);
  return file?.ready === true ? file : undefined;
}

/**
 * Waits for a stack that another process is just starting. Returns undefined when its owner ends
 * first; throws {@link StackError} after the time limit.
 */
export async function waitForRunningStack(
  home: string,
  timeoutMs: number,
): Promise<StackFile | undefined> {
  const deadline = Date.now() + timeoutMs;
  while (lockHolder(ownerLock(home)) !== undefined) {
    const running = findRunningStack(home);
    if (running !== undefined) return running;
    if (Date.now() > deadline) {
      throw new StackError(
        `the stack is not ready after ${timeoutMs / 1000} s: see its logs in ${home}`,
      );
    }
    await sleep(POLL_MS);
  }
  return undefined;
}

/** The options of {@link stopStack}. */
export interface StopOptions {
  readonly log: Log;
  /** Also removes the data of both modes. */
  readonly purge?: boolean;
  /** How long the owner may take; default 120 s. */
  readonly timeoutMs?: number;
}

/**
 * Stops the stack below `home`, whoever runs it, and what a killed one left behind. Returns whether
 * anything ran. Throws {@link StackError} when the owner does not stop.
 */
export async function stopStack(home: string, options: StopOptions): Promise<boolean> {
  if (!existsSync(home)) return false;
  const owner = lockHolder(ownerLock(home));
  if (owner !== undefined) {
    send(owner, 'SIGTERM');
    if (!(await isGone(owner, options.timeoutMs ?? STOP_TIMEOUT_MS))) {
      throw new StackError(
        `process ${owner.pid} does not stop: run kill -9 ${owner.pid}, then m1 down again`,
      );
    }
  }
  // nobody may start a stack here while its folder is cleaned
  const lock = ownerLock(home);
  if (!takeLock(lock))
    throw new StackError(`a new stack was started in ${home} meanwhile: run m1 down again`);
  try {
    const orphans = await stopOrphans(processRecord(home), options.log);
    rmSync(stackFilePath(home), { force: true });
    if (options.purge === true) purge(home);
    return owner !== undefined || orphans > 0;
  } finally {
    releaseLock(lock);
  }
}

function purge(home: string): void {
  for (const mode of MODES) {
    const folder = modeFolder(home, mode);
    removePostgresData(path.join(folder, 'postgres'));
    rmSync(folder, { recursive: true, force: true });
  }
}
