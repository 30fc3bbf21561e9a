import { setTimeout as sleep } from 'node:timers/promises';
import { listensOn } from './ports.js';
import type { ServerProcess } from './server-process.js';
import { AddressInUseError, StackError } from './stack-error.js';

const POLL_MS = 50;
const PORT_TAKEN = /address already in use|port \d+ is already in use|can't set port \d+/i;

/** What {@link waitUntilReady} waits for. */
export interface Readiness {
  /** The ports that the process itself must listen on. */
  readonly ports?: readonly number[];
  /** True when the server really answers; throwing means "not yet". */
  readonly answers: () => Promise<boolean>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Returns when the process answers. When it ends first, or not in time, it is stopped and the error
 * holds the last line it logged; {@link AddressInUseError} when its port was taken.
 */
export async function waitUntilReady(server: ServerProcess, readiness: Readiness): Promise<void> {
  const deadline = Date.now() + readiness.timeoutMs;
  try {
    while (!(await isReady(server, readiness))) {
      readiness.signal?.throwIfAborted();
      if (server.hasExited()) throw await exitError(server);
      if (Date.now() > deadline) throw notReady(server, readiness.timeoutMs);
      await Promise.race([sleep(POLL_MS), server.exited]);
    }
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function isReady(server: ServerProcess, readiness: Readiness): Promise<boolean> {
  const ports = readiness.ports ?? [];
  if (!ports.every((port) => listensOn(server.identity.pid, port))) return false;
  try {
    return await readiness.answers();
  } catch {
    return false;
  }
}

async function exitError(server: ServerProcess): Promise<StackError> {
  const how = await server.exited;
  const text = server.logged();
  const message = `${server.name} did not start (${how}): ${lastLine(text)}; see ${server.logFile}`;
  return PORT_TAKEN.test(text) ? new AddressInUseError(message) : new StackError(message);
}

function notReady(server: ServerProcess, timeoutMs: number): StackError {
  const last = lastLine(server.logged());
  return new StackError(
    `${server.name} does not answer after ${timeoutMs / 1000} s: ${last}; see ${server.logFile}`,
  );
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) || 'nothing logged';
}
