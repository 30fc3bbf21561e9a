import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { isRunning, type ProcessIdentity } from '../runtime/stack-file.js';

const POLL_MS = 50;
const STOP_TIMEOUT_MS = 30_000;

const recordSchema = z.array(
  z.object({
    name: z.string(),
    identity: z.object({ pid: z.number().int().positive(), started: z.string() }),
    stopSignal: z.enum(['SIGTERM', 'SIGINT']),
  }),
);

/** A process that the owner of a stack started, in the order of the starts. */
export interface RecordedProcess {
  readonly name: string;
  readonly identity: ProcessIdentity;
  readonly stopSignal: NodeJS.Signals;
}

/** Writes down which processes belong to this stack, for the case that nobody can stop them in order. */
export function writeProcessRecord(file: string, processes: readonly RecordedProcess[]): void {
  const aside = `${file}.new`;
  const record = processes.map(({ name, identity, stopSignal }) => ({
    name,
    identity,
    stopSignal,
  }));
  writeFileSync(aside, JSON.stringify(record), { mode: 0o600 });
  renameSync(aside, file);
}

/**
 * Stops what an owner that was killed left running, the last started first, and removes the
 * record. A pid that meanwhile belongs to another process is left alone. Returns how many it were.
 */
export async function stopOrphans(file: string, log: (line: string) => void): Promise<number> {
  let stopped = 0;
  for (const process of readProcessRecord(file).toReversed()) {
    if (!isRunning(process.identity)) continue;
    log(
      `stopping ${process.name} (process ${process.identity.pid}), left by a stack that was killed`,
    );
    await stopByIdentity(process.identity, process.stopSignal, STOP_TIMEOUT_MS);
    stopped += 1;
  }
  rmSync(file, { force: true });
  return stopped;
}

/** Asks exactly this process to stop, kills it after the time limit, returns when it is gone. */
export async function stopByIdentity(
  identity: ProcessIdentity,
  stopSignal: NodeJS.Signals,
  timeoutMs: number,
): Promise<void> {
  send(identity, stopSignal);
  if (await isGone(identity, timeoutMs)) return;
  send(identity, 'SIGKILL');
  await isGone(identity, timeoutMs);
}

/** Waits until the process is gone; false when it still runs after the time limit. */
export async function isGone(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isRunning(identity)) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** Sends a signal to exactly this process, if it still runs. */
export function send(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The processes that were written down; none when there is no record. */
export function readProcessRecord(file: string): RecordedProcess[] {
  if (!existsSync(file)) return [];
  try {
    return recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // written in one step, so only a damaged disk comes here; nothing can be said about processes
    return [];
  }
}
