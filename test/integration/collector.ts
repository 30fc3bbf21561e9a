import { Redis } from 'ioredis';
import pg from 'pg';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SimulatorOptions } from '../../simulator/options.js';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import type { PostgresAddress } from '../../stack/start-postgres.js';
import { migratedDatabase, type FreshDatabase } from '../servers/fresh-database.js';
import { postgresVariables, redisVariables } from '../servers/server-variables.js';
import { runArguments } from '../cli/captured.js';
import { freshNamespace } from '../servers/fresh-namespace.js';
import { freshRedis, type FreshRedis } from '../servers/fresh-redis.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A worker in a process of its own, so that it can be killed as a crash would. */
export interface WorkerProcess {
  readonly process: ChildProcess;
  /** SIGKILL: no chance to clean up. */
  kill(): Promise<void>;
  /** SIGTERM, as an orchestrator stops it. @returns the exit code */
  stop(): Promise<number | null>;
}

/** Everything a run needs, with real servers, apart from every other test file. */
export interface Collector {
  readonly simulator: Simulator;
  readonly sql: pg.Pool;
  /** Connected to the collector's own database of Redis. */
  readonly redis: Redis;
  readonly env: Readonly<Record<string, string>>;
  /** Resolves when it polls. */
  startWorker(env?: Record<string, string>): Promise<WorkerProcess>;
  /**
   * Runs the command in this process and waits for its end: half a second less than `m1Process`. Not
   * for `worker` and what starts one.
   */
  m1(args: readonly string[], env?: Record<string, string>): Promise<CommandResult>;
  /** Runs the built command as a person would and waits for its end. */
  m1Process(args: readonly string[], env?: Record<string, string>): Promise<CommandResult>;
  /** Starts a command and leaves it running. */
  spawnM1(args: readonly string[], env?: Record<string, string>): ChildProcess;
  close(): Promise<void>;
}

export interface CollectorOptions {
  readonly simulator?: SimulatorOptions;
  readonly env?: Record<string, string>;
  /** Address of a Temporal that the test itself starts and kills. */
  readonly temporal?: { readonly address: string; readonly namespace: string };
  /** A PostgreSQL and a Redis that the test itself starts and kills. */
  readonly postgres?: PostgresAddress;
  readonly redis?: FreshRedis;
}

export async function startCollector(options: CollectorOptions = {}): Promise<Collector> {
  const home = mkdtempSync(path.join(tmpdir(), 'm1-collector-'));
  const [simulator, database, redis, temporal] = await Promise.all([
    startSimulator(options.simulator ?? {}),
    options.postgres === undefined ? migratedDatabase() : ownDatabase(options.postgres),
    options.redis ?? freshRedis(),
    options.temporal ?? freshNamespace(),
  ]);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    ...(process.env['TZ'] === undefined ? {} : { TZ: process.env['TZ'] }),
    M1_HOME: home,
    BYBIT_REST_URL: simulator.url,
    BYBIT_WS_URL: simulator.wsUrl,
    BYBIT_SOURCE: 'simulated',
    ...postgresVariables(database),
    ...redisVariables(redis),
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    LOG_FORMAT: 'json',
    ...options.env,
  };
  const sql = new pg.Pool({ connectionString: database.url, max: 2 });
  // A test that stops the server on purpose must not die of the idle connection's error.
  sql.on('error', () => undefined);
  const client = new Redis({ host: redis.host, port: redis.port, db: redis.db });
  client.on('error', () => undefined);
  const workers = new Set<WorkerProcess>();

  const spawnM1 = (args: readonly string[], extra: Record<string, string> = {}): ChildProcess =>
    spawn(process.execPath, [MAIN, ...args], { cwd: home, env: { ...env, ...extra } });

  const collector: Collector = {
    simulator,
    sql,
    redis: client,
    env,
    spawnM1,
    async m1(args, extra) {
      const { exitCode, ...texts } = await runArguments(args, { ...env, ...extra });
      return { code: exitCode, ...texts };
    },
    m1Process: (args, extra) => finished(spawnM1(args, extra)),
    async startWorker(extra) {
      const worker = await startWorkerProcess(spawnM1(['worker'], extra));
      workers.add(worker);
      return worker;
    },
    async close() {
      await Promise.all([...workers].map((worker) => worker.kill()));
      await sql.end();
      client.disconnect();
      await simulator.close();
      await database.drop();
      rmSync(home, { recursive: true, force: true });
    },
  };
  if (options.postgres !== undefined) {
    const upgrade = await collector.m1(['db', 'upgrade']);
    if (upgrade.code !== 0) throw new Error(`m1 db upgrade failed: ${upgrade.stderr}`);
  }
  return collector;
}

/** The database of a server that goes away with the test needs no dropping. */
function ownDatabase(address: PostgresAddress): FreshDatabase {
  const { host, port, user, password, database } = address;
  const url = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  return { ...address, url, drop: () => Promise.resolve() };
}

async function finished(child: ChildProcess): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

async function startWorkerProcess(child: ChildProcess): Promise<WorkerProcess> {
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    if (child.stderr === null) throw new Error('the worker has no stderr');
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (line.includes('"worker is polling"')) resolve();
    });
    child.once('exit', (code) =>
      reject(new Error(`the worker ended with ${String(code)}: ${lines.join('\n')}`)),
    );
  });
  const exited = once(child, 'exit');
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await exited;
    }
    return child.exitCode;
  };
  return {
    process: child,
    async kill() {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}
