import { NativeConnection, Runtime } from '@temporalio/worker';
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '../domain/failure.js';
import type { Config } from '../runtime/config.js';
import type { Logger } from '../runtime/logger.js';
import { ensureSearchAttributes } from '../runtime/search-attributes.js';
import { Health } from '../runtime/metrics/health.js';
import { createRegistry } from '../runtime/metrics/registry.js';
import { connectTemporal } from '../runtime/temporal.js';
import { openCollector, type CollectorParts } from './collector.js';
import { prepareMetrics } from './prepare-metrics.js';
import { ensureRetentionSchedule } from './retention-schedule.js';
import { createTemporalWorkers, installTemporalRuntime } from './temporal-workers.js';

export interface RunWorkerOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Aborts to stop: pages in flight are given back, then the connections end. */
  readonly signal: AbortSignal;
}

/** Wait before Temporal is tried again after it went away, ms. */
const RECONNECT_WAIT_MS = 2_000;

/**
 * Works until `signal` aborts. A Temporal that goes away meanwhile is waited for.
 *
 * @throws ServerAway, GiveUpRun, WrongUse when it cannot start
 */
export async function runWorker(options: RunWorkerOptions): Promise<void> {
  const { config, logger } = options;
  const registry = createRegistry();
  const health = new Health();
  const metrics = await prepareMetrics(config, registry, health, logger);
  installTemporalRuntime(logger, metrics?.temporalAddress);
  try {
    await prepareTemporal(config);
    const collector = await openCollector(config, logger, registry);
    try {
      await ensureRetentionSchedule(config);
      await pollUntilStopped(collector, health, options);
    } finally {
      await collector.close();
    }
  } finally {
    await metrics?.close();
    // Its threads would keep the process alive.
    await Runtime.instance().shutdown();
  }
}

async function pollUntilStopped(
  collector: CollectorParts,
  health: Health,
  options: RunWorkerOptions,
): Promise<void> {
  const { logger, signal } = options;
  while (!signal.aborted) {
    try {
      await pollUntil(collector, health, options);
    } catch (error) {
      if (!isTransportError(error)) throw error;
      logger.warn(`Temporal went away (${reasonOf(error)}): trying again`);
      await sleep(RECONNECT_WAIT_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** The SDK's class of this name is not exported for use. */
function isTransportError(error: unknown): boolean {
  return error instanceof Error && error.name === 'TransportError';
}

/** Registers what runs are found by. @throws ServerAway when Temporal does not answer */
async function prepareTemporal(config: Config): Promise<void> {
  const temporal = await connectTemporal(config.temporal);
  try {
    await ensureSearchAttributes(temporal);
  } finally {
    await temporal.close();
  }
}

async function pollUntil(
  { restActivities, streamActivities, checks }: CollectorParts,
  health: Health,
  { config, logger, signal }: RunWorkerOptions,
): Promise<void> {
  const { address, namespace, connectionOptions } = config.temporal;
  const connection = await NativeConnection.connect({ ...connectionOptions, address });
  try {
    const workers = await createTemporalWorkers({
      ...{ connection, namespace, restActivities, streamActivities },
    });
    const stop = (): void => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    };
    signal.addEventListener('abort', stop, { once: true });
    const askTemporal = async (): Promise<void> => {
      if (workers.some((worker) => worker.getState() !== 'RUNNING')) throw new Error('not polling');
      await connection.workflowService.describeNamespace({ namespace });
    };
    try {
      const running = workers.map((worker) => worker.run());
      health.watch([...checks, { name: 'Temporal', ask: askTemporal }]);
      logger.info({ address, namespace, source: config.venue.source }, 'worker is polling');
      if (signal.aborted) stop();
      // One worker without the other is of no use: the first that ends takes the rest along.
      await Promise.race(running).finally(stop);
      await Promise.all(running);
    } finally {
      health.watch([]);
      signal.removeEventListener('abort', stop);
    }
  } finally {
    await connection.close();
  }
}
