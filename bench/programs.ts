import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { choosePort, LOOPBACK } from '../stack/ports.js';
import { startProcess, type ServerProcess } from '../stack/server-process.js';
import type { PostgresAddress } from '../stack/start-postgres.js';
import { waitUntilReady } from '../stack/wait-until-ready.js';
import type { Bed } from './bed.js';

/** The program under test: the compiled command line beside this file. */
export const M1_MAIN = fileURLToPath(new URL('../cli/main.js', import.meta.url));

const READY_TIMEOUT_MS = 60_000;
const POLLING = 'worker is polling';

/**
 * A market clock of its own that stands still, so that every run does the same work. At this moment
 * one of the 20 most traded of up to 29 pairs is 20 days old: 717,991 candles of 90 days.
 */
const MARKET = ['--now', '2025-12-28T12:00:00Z', '--speed', '0'];

let started = 0;

/** A simulator in a process of its own. */
export interface SimulatorProcess extends ServerProcess {
  readonly url: string;
}

export interface SimulatorProcessOptions {
  /** How many pairs trade. */
  readonly pairs: number;
  readonly latencyMs: number;
  readonly signal: AbortSignal;
}

export async function startSimulatorProcess(
  bed: Bed,
  options: SimulatorProcessOptions,
): Promise<SimulatorProcess> {
  const port = await choosePort('any');
  const url = `http://${LOOPBACK}:${port}`;
  const simulator = await startM1(bed, [
    ...['simulate', '--port', String(port), ...MARKET],
    ...['--pairs', String(options.pairs), '--latency', String(options.latencyMs)],
  ]);
  await waitUntilReady(simulator, {
    ports: [port],
    answers: async () => (await fetch(`${url}/v5/market/time`)).ok,
    timeoutMs: READY_TIMEOUT_MS,
    signal: options.signal,
  });
  return { ...simulator, url };
}

export interface WorkerProcessOptions {
  readonly database: PostgresAddress;
  readonly simulatorUrl: string;
  /** BYBIT_RATE_LIMIT. */
  readonly rateLimit: number;
  readonly signal: AbortSignal;
}

/** A worker in a process of its own that polls. */
export async function startWorkerProcess(
  bed: Bed,
  options: WorkerProcessOptions,
): Promise<ServerProcess> {
  const worker = await startM1(bed, ['worker'], workerVariables(bed, options));
  await waitUntilReady(worker, {
    answers: () => Promise.resolve(readFileSync(worker.logFile, 'utf8').includes(POLLING)),
    timeoutMs: READY_TIMEOUT_MS,
    signal: options.signal,
  });
  return worker;
}

/** What a worker is configured by. */
export function workerVariables(
  bed: Bed,
  { database, simulatorUrl, rateLimit }: Omit<WorkerProcessOptions, 'signal'>,
): Record<string, string> {
  return {
    ...databaseVariables(database),
    REDIS_HOST: bed.redis.host,
    REDIS_PORT: String(bed.redis.port),
    TEMPORAL_ADDRESS: bed.temporal.address,
    TEMPORAL_NAMESPACE: bed.temporal.namespace,
    BYBIT_REST_URL: simulatorUrl,
    // without it a stream beside made-up candles is refused
    BYBIT_WS_URL: `${simulatorUrl.replace(/^http/, 'ws')}/v5/public/spot`,
    BYBIT_SOURCE: 'simulated',
    BYBIT_RATE_LIMIT: String(rateLimit),
  };
}

export function databaseVariables(database: PostgresAddress): Record<string, string> {
  return {
    POSTGRES_HOST: database.host,
    POSTGRES_PORT: String(database.port),
    POSTGRES_USER: database.user,
    POSTGRES_PASSWORD: database.password,
    POSTGRES_DB: database.database,
  };
}

/** The environment of every program here: nothing of what the caller has configured for itself. */
export function programEnvironment(bed: Bed, more: Record<string, string> = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    // as m1 up and the container start a worker
    MALLOC_ARENA_MAX: '2',
    HOME: bed.folder,
    M1_HOME: bed.folder,
    LOG_FORMAT: 'json',
    ...more,
  };
}

export async function startM1(
  bed: Bed,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<ServerProcess> {
  const name = args[0] ?? 'm1';
  const program = await startProcess({
    name,
    command: process.execPath,
    args: [...(name === 'worker' ? workerNodeOptions() : []), M1_MAIN, ...args],
    env: programEnvironment(bed, env),
    // a file .env of the caller must not be found
    cwd: bed.folder,
    logFile: path.join(bed.folder, 'log', `${name}-${++started}.log`),
    stopTimeoutMs: 30_000,
  });
  bed.adopt(program);
  return program;
}

/** BENCH_WORKER_NODE_OPTIONS tries flags of Node, for example --cpu-prof, on what is measured alone. */
export function workerNodeOptions(): string[] {
  const text = process.env['BENCH_WORKER_NODE_OPTIONS'] ?? '';
  return text.split(' ').filter((option) => option !== '');
}
