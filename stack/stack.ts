import path from 'node:path';
import { rmSync } from 'node:fs';
import {
  identifyProcess,
  stackFilePath,
  writeStackFile,
  type StackFile,
  type StackMode,
} from '../runtime/stack-file.js';
import { makePassableDir, type Log } from './cache-dir.js';
import { findPostgres } from './find-postgres.js';
import { findRedis } from './find-redis.js';
import { findTemporal } from './find-temporal.js';
import { lockHolder, releaseLock, takeLock } from './lock.js';
import { stopOrphans, writeProcessRecord } from './process-record.js';
import { modeFolder, ownerLock, processRecord } from './running-stack.js';
import { StackError } from './stack-error.js';
import { startChild, type ChildSpec } from './start-child.js';
import { startPostgres } from './start-postgres.js';
import { startRedis } from './start-redis.js';
import type { StartOptions } from './start-options.js';
import { startTemporal, type TemporalOptions } from './start-temporal.js';
import { Supervisor } from './supervisor.js';

/** Where the servers of a stack listen. */
export type StackAddresses = Pick<StackFile, 'postgres' | 'redis' | 'temporal'>;

/** The options of {@link startStack}. */
export interface StackOptions {
  /** The folder of the stack's data, see `stackHome`. */
  readonly home: string;
  readonly mode: StackMode;
  /** The data comes from another address than ByBit's own, for the stack file. */
  readonly overridden?: boolean;
  /** Told what happens, and how long it may take. */
  readonly log: Log;
  /** Servers that are configured already: they are used, and neither started nor stopped. */
  readonly external?: Partial<StackAddresses>;
  /** Where the simulator will listen, for the stack file; its process is one of `children`. */
  readonly simulator?: NonNullable<StackFile['simulator']>;
  /** Where the dashboard will listen, likewise. */
  readonly dashboard?: NonNullable<StackFile['dashboard']>;
  /** Run when the servers answer and before the children start. */
  readonly migrate?: (addresses: StackAddresses) => Promise<void>;
  /** The programs to run beside the servers, started one after the other in this order. */
  readonly children?: (addresses: StackAddresses) => readonly ChildSpec[];
  /** Ends a start that is still going on; a running stack is stopped with `stop`. */
  readonly signal?: AbortSignal;
  /** `usual` (default) takes the servers' usual ports where they are free, `any` leaves them alone. */
  readonly ports?: 'usual' | 'any';
  /** Default: the folder shared by all clones of this user. */
  readonly cacheDir?: string;
}

/** A stack that this process runs. */
export interface RunningStack {
  readonly file: StackFile;
  /** Stops everything in reverse order. Can be called more than once. */
  stop(): Promise<void>;
}

/** Thrown by {@link startStack} when another process runs a stack below the same home. */
export class StackAlreadyRunningError extends StackError {
  readonly pid: number | undefined;

  constructor(home: string, pid: number | undefined) {
    super(
      `a stack is running already in ${home} (process ${pid ?? 'unknown'}): stop it with m1 down`,
    );
    this.pid = pid;
  }
}

/**
 * Starts the servers, then the children, and keeps them running until `stop`. What a killed stack
 * left behind is stopped first. When something fails, everything started is stopped again.
 */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  makePassableDir(options.home);
  const lock = ownerLock(options.home);
  if (!takeLock(lock)) throw new StackAlreadyRunningError(options.home, lockHolder(lock)?.pid);
  const record = processRecord(options.home);
  const supervisor = new Supervisor({
    log: options.log,
    onChange: (processes) => writeProcessRecord(record, processes),
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= stopAll(options.home, supervisor));
  const onAbort = (): void => supervisor.abort();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    options.signal?.throwIfAborted();
    await stopOrphans(record, options.log);
    return { file: await start(options, supervisor), stop };
  } catch (error) {
    await stop();
    throw options.signal?.aborted === true ? new StackError('the start was interrupted') : error;
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
  }
}

async function stopAll(home: string, supervisor: Supervisor): Promise<void> {
  await supervisor.stop();
  rmSync(stackFilePath(home), { force: true });
  rmSync(processRecord(home), { force: true });
  releaseLock(ownerLock(home));
}

async function start(options: StackOptions, supervisor: Supervisor): Promise<StackFile> {
  const addresses = await startServers(options, supervisor);
  await options.migrate?.(addresses);
  options.signal?.throwIfAborted();
  const file: StackFile = {
    version: 1,
    mode: options.mode,
    ...(options.overridden === true ? { overridden: true } : {}),
    ready: false,
    owner: identifyProcess(process.pid) ?? { pid: process.pid, started: '' },
    startedAt: new Date().toISOString(),
    ...addresses,
    ...(options.simulator === undefined ? {} : { simulator: options.simulator }),
    ...(options.dashboard === undefined ? {} : { dashboard: options.dashboard }),
  };
  // the children may look their servers up in it
  writeStackFile(options.home, file);
  const logDir = path.join(modeFolder(options.home, options.mode), 'logs');
  for (const spec of options.children?.(addresses) ?? []) {
    await supervisor.add(
      (context) => startChild(spec, logDir, context),
      () => (context) => startChild(spec, logDir, context),
    );
  }
  const complete = { ...file, ready: true };
  writeStackFile(options.home, complete);
  return complete;
}

async function startServers(
  options: StackOptions,
  supervisor: Supervisor,
): Promise<StackAddresses> {
  const external = options.external ?? {};
  // found one after the other, so that their messages stay readable; then started side by side
  const launches = {
    postgres: external.postgres ?? (await postgresLaunch(options, supervisor)),
    redis: external.redis ?? (await redisLaunch(options, supervisor)),
    temporal: external.temporal ?? (await temporalLaunch(options, supervisor)),
  };
  const starting = [run(launches.postgres), run(launches.redis), run(launches.temporal)] as const;
  // all of them settled first: a failure of one must not leave another one still starting
  await Promise.allSettled(starting);
  const [postgres, redis, temporal] = await Promise.all(starting);
  return { postgres, redis, temporal };
}

/** An address that is given, or a start that ends with one. */
type Launch<T> = T | (() => Promise<T>);

function run<T extends object>(launch: Launch<T>): Promise<T> {
  return typeof launch === 'function' ? launch() : Promise.resolve(launch);
}

async function postgresLaunch(
  options: StackOptions,
  supervisor: Supervisor,
): Promise<Launch<StackAddresses['postgres']>> {
  const base = { binaries: await findPostgres(options), ...common(options, 'postgres') };
  return async () => {
    const { host, port, user, password, database } = await supervisor.add(
      (context) => startPostgres({ ...base, ...context }),
      (first) => (context) => startPostgres({ ...base, ...context, port: { fixed: first.port } }),
    );
    return { host, port, user, password, database };
  };
}

async function redisLaunch(
  options: StackOptions,
  supervisor: Supervisor,
): Promise<Launch<StackAddresses['redis']>> {
  const base = { binary: await findRedis(options), ...common(options, 'redis') };
  return async () => {
    const { host, port } = await supervisor.add(
      (context) => startRedis({ ...base, ...context }),
      (first) => (context) => startRedis({ ...base, ...context, port: { fixed: first.port } }),
    );
    return { host, port };
  };
}

async function temporalLaunch(
  options: StackOptions,
  supervisor: Supervisor,
): Promise<Launch<StackAddresses['temporal']>> {
  const base: TemporalOptions = {
    binary: await findTemporal(options),
    ...common(options, 'temporal'),
    ...(options.ports === 'any' ? { uiPort: 'any' } : {}),
  };
  return async () => {
    const { address, namespace, uiUrl } = await supervisor.add(
      (context) => startTemporal({ ...base, ...context }),
      (first) => (context) =>
        startTemporal({
          ...base,
          ...context,
          port: { fixed: first.port },
          uiPort: first.uiPort === undefined ? 'none' : { fixed: first.uiPort },
        }),
    );
    return { address, namespace, uiUrl };
  };
}

function common(options: StackOptions, name: string): StartOptions {
  const folder = modeFolder(options.home, options.mode);
  return {
    dataDir: path.join(folder, name),
    logFile: path.join(folder, 'logs', `${name}.log`),
    ...(options.ports === 'any' ? { port: 'any' } : {}),
  };
}
