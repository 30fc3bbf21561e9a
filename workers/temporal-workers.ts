import {
  Runtime,
  Worker,
  type LogLevel,
  type Logger,
  type NativeConnection,
} from '@temporalio/worker';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { REST_TASK_QUEUE, STREAM_TASK_QUEUE, TASK_QUEUE } from '../domain/workflow-names.js';
import type { CollectorParts } from './collector.js';
import type { Logger as M1Logger } from '../runtime/logger.js';

/** Symbols that one worker backfills at once; further ones wait for another worker or a slot. */
const ACTIVITIES_AT_ONCE = 64;

/** Streams that one worker holds at once: one, and its successor while it rotates. */
const STREAMS_AT_ONCE = 4;

/** Histories kept in memory: a symbol's is short, so few are needed. */
const CACHED_WORKFLOWS = 200;

/** Pause and cancel reach an activity in the reply to a heartbeat, so they wait at most so long. */
const HEARTBEAT_INTERVAL = '2s';

/** How long activities may take to notice a shutdown before the process ends anyway. */
const FORCE_SHUTDOWN_AFTER = '20s';

export interface TemporalWorkersOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly restActivities: CollectorParts['restActivities'];
  readonly streamActivities: CollectorParts['streamActivities'];
}

/** The workers of this process, one a task queue, created but not polling. */
export async function createTemporalWorkers(options: TemporalWorkersOptions): Promise<Worker[]> {
  const { connection, namespace, restActivities, streamActivities } = options;
  const common = { connection, namespace, shutdownForceTime: FORCE_SHUTDOWN_AFTER };
  return [
    await Worker.create({
      ...common,
      ...workflowCode(),
      taskQueue: TASK_QUEUE,
      maxCachedWorkflows: CACHED_WORKFLOWS,
    }),
    await Worker.create({
      ...common,
      activities: restActivities,
      taskQueue: REST_TASK_QUEUE,
      maxConcurrentActivityTaskExecutions: ACTIVITIES_AT_ONCE,
      maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL,
    }),
    await Worker.create({
      ...common,
      activities: streamActivities,
      taskQueue: STREAM_TASK_QUEUE,
      maxConcurrentActivityTaskExecutions: STREAMS_AT_ONCE,
      maxHeartbeatThrottleInterval: HEARTBEAT_INTERVAL,
    }),
  ];
}

/** The bundle that the build made (starts a second faster), or the sources when run from them. */
function workflowCode() {
  const bundle = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  if (existsSync(bundle)) return { workflowBundle: { codePath: bundle } };
  return { workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)) };
}

/** Names of the SDK's metrics by Prometheus' conventions. */
const METRIC_NAMES = { countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };

/**
 * Sends the SDK's own log lines through ours. Once a process, before any connection.
 * Signals are M1's: it stops its workers in its own order.
 *
 * @param metricsAddress `host:port` where the SDK serves its metrics; default: nowhere
 */
export function installTemporalRuntime(logger: M1Logger, metricsAddress?: string): void {
  Runtime.install({
    logger: temporalLogger(logger),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...(metricsAddress === undefined
        ? {}
        : { metrics: { prometheus: { bindAddress: metricsAddress, ...METRIC_NAMES } } }),
    },
  });
}

const LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<LogLevel, string>;

/** M1's workers do either workflows or activities, each on a queue of its own. */
const ONE_PURPOSE = /^No (activities|workflows) registered/;

function temporalLogger(logger: M1Logger): Logger {
  const log = (level: LogLevel, message: string, meta: Record<string, unknown> = {}): void => {
    const { error, ...rest } = meta;
    // long, and of no use to a reader
    delete rest['taskToken'];
    // The SDK tells of each worker's start, stop and purpose; a person hears of it from M1.
    const ofWorker = meta['sdkComponent'] === 'worker';
    const usual = level === 'INFO' || ONE_PURPOSE.test(message);
    const quieter = ofWorker && usual ? 'DEBUG' : level;
    logger[LEVELS[quieter]]({ ...rest, ...(error === undefined ? {} : { err: error }) }, message);
  };
  return {
    log,
    trace: (message, meta) => log('TRACE', message, meta),
    debug: (message, meta) => log('DEBUG', message, meta),
    info: (message, meta) => log('INFO', message, meta),
    warn: (message, meta) => log('WARN', message, meta),
    error: (message, meta) => log('ERROR', message, meta),
  };
}
