import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { identifyProcess, type ProcessIdentity } from '../runtime/stack-file.js';
import { StackError } from './stack-error.js';

const MAX_LOG_BYTES = 10 * 1024 * 1024;
const DEFAULT_STOP_TIMEOUT_MS = 10_000;

/** An unprivileged user that a server runs as. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** How to start a process of the stack. */
export interface ProcessSpec {
  /** For messages: `postgres`, `worker`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the process; default that of this one. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly user?: ServerUser;
  readonly logFile: string;
  /** Asks it to stop; default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** After this it is killed; default 10 s. */
  readonly stopTimeoutMs?: number;
}

/** A running process of the stack. */
export interface ServerProcess {
  readonly name: string;
  readonly identity: ProcessIdentity;
  readonly stopSignal: NodeJS.Signals;
  readonly logFile: string;
  /** Says how it ended, for example `killed by SIGKILL`, once it has. */
  readonly exited: Promise<string>;
  hasExited(): boolean;
  /** What it has logged since this start. */
  logged(): string;
  /** Asks it to stop, kills it after its time limit, returns when it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a process in a process group of its own: Ctrl-C in a terminal goes to whole groups, and
 * the order in which servers stop is for the supervisor to decide.
 */
export async function startProcess(spec: ProcessSpec): Promise<ServerProcess> {
  const log = openLog(spec.logFile);
  const child = spawn(spec.command, spec.args, {
    detached: true,
    stdio: ['ignore', log.descriptor, log.descriptor],
    ...(spec.env === undefined ? {} : { env: spec.env }),
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
    ...spec.user,
  });
  closeSync(log.descriptor);
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `exit code ${String(code)}` : `killed by ${signal}`);
    });
  });
  await spawned(child, spec);
  const pid = child.pid ?? 0;
  const stopSignal = spec.stopSignal ?? 'SIGTERM';
  const hasExited = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    name: spec.name,
    // a process that ended at once has no start time any more, and nobody will have to find it
    identity: identifyProcess(pid) ?? { pid, started: '' },
    stopSignal,
    logFile: spec.logFile,
    exited,
    hasExited,
    logged: () => readFileSync(spec.logFile).subarray(log.startBytes).toString('utf8'),
    stop: async () => {
      if (hasExited()) return;
      const timer = setTimeout(() => killGroup(pid), spec.stopTimeoutMs ?? DEFAULT_STOP_TIMEOUT_MS);
      child.kill(stopSignal);
      await exited;
      clearTimeout(timer);
    },
  };
}

function openLog(file: string): { readonly descriptor: number; readonly startBytes: number } {
  mkdirSync(path.dirname(file), { recursive: true });
  const before = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const rotate = before > MAX_LOG_BYTES;
  if (rotate) renameSync(file, `${file}.1`);
  return { descriptor: openSync(file, 'a', 0o600), startBytes: rotate ? 0 : before };
}

function spawned(child: ChildProcess, spec: ProcessSpec): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      reject(new StackError(`${spec.name} cannot be started: ${error.message}`));
    });
  });
}

/** The process leads its group: its own children, if it has any, go with it. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
