import path from 'node:path';
import { startProcess, type ServerProcess } from './server-process.js';
import type { StartContext } from './supervisor.js';
import { waitUntilReady } from './wait-until-ready.js';

const READY_TIMEOUT_MS = 60_000;
const PROBE_TIMEOUT_MS = 2_000;
const STOP_TIMEOUT_MS = 60_000;

/** A program of M1 itself that runs beside the servers: a worker, the simulator. */
export interface ChildSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /**
   * Says that it works: a URL that answers with a success, or a function. Default: ready as soon
   * as it runs.
   */
  readonly ready?: string | (() => Promise<boolean>);
  /** After this it is killed; default 60 s, because a worker finishes its page first. */
  readonly stopTimeoutMs?: number;
}

/** Starts a child, its output in `<logDir>/<name>.log`, and returns when it is ready. */
export async function startChild(
  spec: ChildSpec,
  logDir: string,
  context: StartContext,
): Promise<ServerProcess> {
  const child = await startProcess({
    name: spec.name,
    command: spec.command,
    args: spec.args,
    env: { ...process.env, ...spec.env },
    logFile: path.join(logDir, `${spec.name}.log`),
    stopTimeoutMs: spec.stopTimeoutMs ?? STOP_TIMEOUT_MS,
  });
  context.onSpawn(child);
  const { ready } = spec;
  await waitUntilReady(child, {
    answers:
      typeof ready === 'string' ? () => answers(ready) : (ready ?? (() => Promise.resolve(true))),
    timeoutMs: READY_TIMEOUT_MS,
    signal: context.signal,
  });
  return child;
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  await response.body?.cancel();
  return response.ok;
}
