import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '../../domain/failure.js';
import type { SyncRequest } from '../../domain/sync.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { loadConfig } from '../../runtime/config.js';
import { createLogger } from '../../runtime/logger.js';
import { createRegistry } from '../../runtime/metrics/registry.js';
import { openCollector, type CollectorParts } from '../../workers/collector.js';
import { FORGET_MS, refuseKlines, resetVenue } from '../backfill/venue-stats.js';
import type { BenchDatabase } from '../bench-database.js';
import { programEnvironment, workerVariables, type SimulatorProcess } from '../programs.js';
import type { TopicContext } from '../topic.js';
import { PAIRS } from './made-up-year.js';
import { openQueryMeter, type QueryMeter, type SentQueries } from './query-meter.js';

const ROUNDS = 5;
const RATE_LIMIT = 570;

/** How the venue turns away whoever asks for candles: a run that meets it ends at once. */
const TURNED_AWAY = 'refuses this network';

/** Planning the syncs of all timeframes once, as it was measured. */
export interface PlannedRound {
  /** From the start of the activities to the end of the last one. */
  readonly seconds: number;
  /** Of all timeframes together. */
  readonly queries: SentQueries;
}

/** The activities of a worker in this process, whose queries are counted on their way. */
export class Planner {
  readonly #collector: CollectorParts;
  readonly #meter: QueryMeter;
  readonly #simulatorUrl: string;
  readonly #signal: AbortSignal;

  private constructor(
    collector: CollectorParts,
    meter: QueryMeter,
    { simulatorUrl, signal }: { readonly simulatorUrl: string; readonly signal: AbortSignal },
  ) {
    this.#collector = collector;
    this.#meter = meter;
    this.#simulatorUrl = simulatorUrl;
    this.#signal = signal;
  }

  static async open(
    { bed, signal }: TopicContext,
    database: BenchDatabase,
    simulator: SimulatorProcess,
  ): Promise<Planner> {
    const meter = await openQueryMeter(database.address);
    const variables = workerVariables(bed, {
      database: meter.address,
      simulatorUrl: simulator.url,
      rateLimit: RATE_LIMIT,
    });
    const config = loadConfig({ env: programEnvironment(bed, variables), folder: bed.folder });
    const logger = createLogger({ ...config.log, level: 'warn' });
    try {
      const collector = await openCollector(config, logger, createRegistry());
      return new Planner(collector, meter, { simulatorUrl: simulator.url, signal });
    } catch (error) {
      await meter.close();
      throw error;
    }
  }

  /** The most traded pairs against USDT; fills the table of symbols. */
  async topPairs(): Promise<readonly string[]> {
    const activities = this.#collector.restActivities;
    const plan = await this.#run(() => activities.planStream({ kind: 'top', count: PAIRS }));
    if (plan.symbols.length !== PAIRS) throw new Error(`only ${plan.symbols.length} pairs trade`);
    return plan.symbols;
  }

  /** All timeframes at once, as at midnight UTC, several times. */
  async measure(): Promise<readonly PlannedRound[]> {
    const rounds: PlannedRound[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      // the requests of earlier rounds must not make this one wait
      await sleep(FORGET_MS, undefined, { signal: this.#signal });
      await resetVenue(this.#simulatorUrl);
      await refuseKlines(this.#simulatorUrl);
      this.#meter.take();
      const startedAt = performance.now();
      await Promise.all(TIMEFRAMES.map((timeframe) => this.#plan(timeframe)));
      const seconds = (performance.now() - startedAt) / 1000;
      rounds.push({ seconds, queries: this.#meter.take() });
    }
    await resetVenue(this.#simulatorUrl);
    return rounds;
  }

  /** A whole activity that ends at its first request for candles. */
  async #plan(timeframe: SyncRequest['timeframe']): Promise<void> {
    const request: SyncRequest = {
      ...{ timeframe, pairs: { kind: 'top', count: PAIRS }, days: 365, withStream: false },
    };
    const activities = this.#collector.restActivities;
    const end = await this.#run(() => activities.syncTimeframe(request)).then(
      () => 'without a request for candles',
      (error: unknown) => reasonOf(error),
    );
    if (!end.includes(TURNED_AWAY)) throw new Error(`the sync of ${timeframe} ended: ${end}`);
  }

  async close(): Promise<void> {
    await this.#collector.close();
    await this.#meter.close();
  }

  #run<Result>(work: () => Promise<Result>): Promise<Result> {
    // the end that each plan comes to is no failure
    const logger = new DefaultLogger('ERROR');
    const environment = new MockActivityEnvironment({}, { logger });
    return environment.run<unknown[], Result, () => Promise<Result>>(work);
  }
}
