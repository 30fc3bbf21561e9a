import { activityInfo, cancelled, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { StreamFigures } from '../../../domain/stream.js';
import { STREAM_TASK_QUEUE, TASK_QUEUE } from '../../../domain/workflow-names.js';
import type { CommandIo } from '../../../cli/io.js';
import { streamSession, type StreamSessionOptions } from '../../../cli/stream/stream-session.js';
import { loadConfig } from '../../../runtime/config.js';
import { freshNamespace } from '../../servers/fresh-namespace.js';
import { freshRedis } from '../../servers/fresh-redis.js';
import { until } from '../../stack/until.js';

const HEARTBEAT_MS = 100;

/** A session of `m1 stream` under way. */
export interface Session {
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** As Ctrl-C or SIGTERM does. */
  interrupt(): void;
  readonly exitCode: Promise<number>;
}

/** Temporal, Redis and a worker with the stub of the stream. */
export interface StubCollector {
  readonly env: Readonly<Record<string, string>>;
  readonly redis: Redis;
  /** What the activity tells in its heartbeats. */
  figures: StreamFigures;
  /** Fails the activity, and with it the stream. */
  failWith: string | undefined;
  startWorker(): Promise<void>;
  stopWorker(): Promise<void>;
  session(options?: Partial<StreamSessionOptions>): Session;
  close(): Promise<void>;
}

export async function startStubCollector(figures: StreamFigures): Promise<StubCollector> {
  const [{ address, namespace }, redis] = await Promise.all([freshNamespace(), freshRedis()]);
  const env = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    REDIS_HOST: redis.host,
    REDIS_PORT: String(redis.port),
    REDIS_DB: String(redis.db),
  };
  // failures that a test wants are no news
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address });
  const client = new Redis(redis);
  let stop: (() => Promise<void>) | undefined;

  const collector: StubCollector = {
    env,
    redis: client,
    figures,
    failWith: undefined,
    async startWorker() {
      const common = { connection, namespace };
      const workflows = await Worker.create({
        ...common,
        taskQueue: TASK_QUEUE,
        workflowsPath: fileURLToPath(new URL('./stub-stream.ts', import.meta.url)),
      });
      const activities = await Worker.create({
        ...common,
        taskQueue: STREAM_TASK_QUEUE,
        maxHeartbeatThrottleInterval: HEARTBEAT_MS,
        activities: { runStream: () => stream(collector) },
      });
      const workers = [workflows, activities];
      const running = workers.map((worker) => worker.run());
      stop = async () => {
        for (const worker of workers) worker.shutdown();
        await Promise.all(running);
      };
    },
    async stopWorker() {
      await stop?.();
      stop = undefined;
    },
    session: (options) => startSession(env, options),
    async close() {
      await collector.stopWorker();
      client.disconnect();
      await connection.close();
    },
  };
  return collector;
}

async function stream(collector: StubCollector): Promise<void> {
  const over = cancelled();
  for (;;) {
    heartbeat({ ...collector.figures, sinceMs: activityInfo().currentAttemptScheduledTimestampMs });
    if (collector.failWith !== undefined) {
      throw ApplicationFailure.nonRetryable(collector.failWith, 'ServerAway');
    }
    await Promise.race([over, sleep(HEARTBEAT_MS)]);
  }
}

function startSession(
  env: Readonly<Record<string, string>>,
  options: Partial<StreamSessionOptions> = {},
): Session {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const io: CommandIo = {
    stdout: { write: (text) => stdout.push(text) },
    stderr: { write: (text) => stderr.push(text) },
    env,
  };
  const interrupt = new AbortController();
  const exitCode = streamSession(
    {
      config: loadConfig({ env }),
      pairs: undefined,
      detach: false,
      json: false,
      signal: interrupt.signal,
      ...options,
    },
    io,
  );
  return {
    stdout: () => stdout.join(''),
    stderr: () => stderr.join(''),
    interrupt: () => interrupt.abort(),
    exitCode,
  };
}

/** Waits for a text of a session. */
export async function untilPrinted(text: () => string, pattern: RegExp): Promise<void> {
  await until(String(pattern), () => (pattern.test(text()) ? true : undefined));
}
