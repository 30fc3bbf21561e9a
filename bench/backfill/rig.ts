import type { WorkflowHandle } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOrJoinBackfill } from '../../steering/start-run.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import type { BackfillRequest } from '../../domain/backfill.js';
import { connectTemporal, type TemporalClient } from '../../runtime/temporal.js';
import type { ServerProcess } from '../../stack/server-process.js';
import type { backfillWorkflow } from '../../workflows/backfill.js';
import type { Bed } from '../bed.js';
import { emptyTables, type BenchDatabase } from '../bench-database.js';
import { UsageWatch, type Usage } from '../process-usage.js';
import { startWorkerProcess, type SimulatorProcess } from '../programs.js';
import { FORGET_MS, readStats, resetVenue } from './venue-stats.js';

/** A run that takes longer than this has gone wrong, ms. */
const RUN_TIMEOUT_MS = 180_000;
const BAN_POLL_MS = 500;

/** One workflow from its start to its result, as it was measured. */
export interface MeasuredWork {
  readonly requests: number;
  readonly seconds: number;
  /** Most requests in any 5 s, as the venue saw it. */
  readonly mostIn5s: number;
  readonly usage: Usage;
}

/** One backfill through Temporal into the database. */
export interface MeasuredRun extends MeasuredWork {
  readonly candles: number;
  readonly series: number;
}

export interface RigOptions {
  readonly bed: Bed;
  readonly database: BenchDatabase;
  readonly simulator: SimulatorProcess;
  readonly rateLimit: number;
  readonly signal: AbortSignal;
}

/** A worker that polls, with all that it stands on. */
export class Rig {
  readonly #options: RigOptions;
  readonly #worker: ServerProcess;
  readonly #temporal: TemporalClient;

  private constructor(options: RigOptions, worker: ServerProcess, temporal: TemporalClient) {
    this.#options = options;
    this.#worker = worker;
    this.#temporal = temporal;
  }

  static async start(options: RigOptions): Promise<Rig> {
    const { bed, database, simulator, rateLimit, signal } = options;
    const { address, namespace } = bed.temporal;
    const temporal = await connectTemporal({
      address,
      namespace,
      connectionOptions: { address },
      uiUrl: undefined,
      origin: 'environment',
    });
    const worker = await startWorkerProcess(bed, {
      database: database.address,
      simulatorUrl: simulator.url,
      rateLimit,
      signal,
    });
    return new Rig(options, worker, temporal);
  }

  /** Backfills into empty tables after a rest in which all earlier requests are forgotten. */
  async backfillAnew(pairs: number, days: number): Promise<MeasuredRun> {
    await emptyTables(this.#options.database);
    return this.backfill(pairs, days);
  }

  /** Backfills what is missing. */
  async backfill(pairs: number, days: number): Promise<MeasuredRun> {
    const { result, ...measured } = await this.measure(async (temporal) => {
      const { workflowId, runId } = await startOrJoinBackfill(temporal, topPairs(pairs, days));
      return temporal.client.workflow.getHandle<typeof backfillWorkflow>(workflowId, runId);
    });
    const { status, candles, series } = result;
    if (status !== 'done') throw new Error(`the backfill ended as ${status}`);
    return { ...measured, candles, series };
  }

  /** Runs a workflow to its end, after a rest in which all earlier requests are forgotten. */
  async measure<Result>(
    start: (temporal: TemporalClient) => Promise<WorkflowHandle<() => Promise<Result>>>,
  ): Promise<MeasuredWork & { readonly result: Result }> {
    const { simulator, signal } = this.#options;
    await sleep(FORGET_MS, undefined, { signal });
    await resetVenue(simulator.url);
    const watch = new UsageWatch(this.#processes());
    const startedAt = performance.now();
    try {
      const result = await this.#result(await start(this.#temporal));
      const seconds = (performance.now() - startedAt) / 1000;
      const usage = watch.stop();
      const { requests, mostIn5s } = await readStats(simulator.url);
      return { result, requests, seconds, mostIn5s, usage };
    } finally {
      watch.stop();
    }
  }

  async stop(): Promise<void> {
    await this.#temporal.close();
    await this.#worker.stop();
  }

  async #result<Result>(handle: WorkflowHandle<() => Promise<Result>>): Promise<Result> {
    const over = new AbortController();
    try {
      return await Promise.race([handle.result(), this.#gaveUp(over.signal)]);
    } catch (error) {
      await handle.terminate('the benchmark gave up').catch(() => undefined);
      throw error;
    } finally {
      over.abort();
    }
  }

  /** Rejects when the venue has refused, which would take a ban's ten minutes, or at the time limit. */
  async #gaveUp(over: AbortSignal): Promise<never> {
    const { simulator, signal } = this.#options;
    const until = performance.now() + RUN_TIMEOUT_MS;
    const ended = AbortSignal.any([over, signal]);
    for (;;) {
      await sleep(BAN_POLL_MS, undefined, { signal: ended });
      const { refusals, mostIn5s } = await readStats(simulator.url);
      if (refusals > 0) throw new Error(`the venue refused: ${mostIn5s} requests came within 5 s`);
      if (performance.now() > until) throw new Error('the run does not end');
    }
  }

  #processes() {
    const { bed, simulator } = this.#options;
    return [
      { name: 'worker', pid: this.#worker.identity.pid },
      { name: 'postgres', pid: bed.postgres.identity.pid },
      { name: 'temporal', pid: bed.temporal.identity.pid },
      { name: 'redis', pid: bed.redis.identity.pid },
      { name: 'simulator', pid: simulator.identity.pid },
    ];
  }
}

function topPairs(count: number, days: number): BackfillRequest {
  return {
    pairs: { kind: 'top', count },
    timeframes: TIMEFRAMES,
    span: { kind: 'days', days },
    onlyFailed: false,
    dryRun: false,
  };
}
