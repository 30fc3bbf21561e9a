import { vi } from 'vitest';
import { CurrentListing } from '../../activities/repair/current-listing.js';
import { Repair } from '../../activities/repair/repair.js';
import type { GapRecord } from '../../domain/gap.js';
import { NO_REPAIRS, type RepairCounts } from '../../domain/repair.js';
import type { Series } from '../../domain/series.js';
import type { TimeRange } from '../../domain/time-range.js';
import { createRegistry } from '../../runtime/metrics/registry.js';
import { createRepairMetrics } from '../../runtime/metrics/repair-metrics.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import type { Database } from '../../storage/database.js';
import { SqlGapQueue } from '../../storage/gap-queue.js';
import { SqlLiveCandleStore } from '../../storage/live-candle-store.js';
import { readGaps } from '../../storage/read-gaps.js';
import { SqlSymbolStore } from '../../storage/symbol-store.js';
import { at, liveCandle, ORIGIN, SERIES } from '../storage/pages.js';
import { broken, readStored, type Stored } from '../storage/stored.js';
import { ScriptedVenue, untilGivenUp } from './scripted-venue.js';

interface Sleep {
  readonly signal: AbortSignal;
}

// What the repair sleeps passes at once.
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, _: undefined, options: Sleep) => clock.sleep(ms, options),
}));

/** The local clock of a repair under test: it stands but for what the repair sleeps. */
export const clock = {
  nowMs: 0,
  /** Each sleep, ms. */
  slept: [] as number[],
  /** Nothing wakes a sleeper but cancelling. */
  stopped: false,

  async sleep(ms: number, { signal }: Sleep): Promise<void> {
    clock.slept.push(ms);
    if (clock.stopped) await untilGivenUp({ signal });
    clock.nowMs += ms;
  },
};

/** Waits between the answers that prove a gap, ms. */
export const REASK_MS = [300_000, 86_400_000] as const;

export const REPAIR = { source: 'repair', workflowId: 'repair/bybit', runId: 'run' } as const;

const NEVER = new AbortController().signal;

/** Notes for how long gaps are put off. */
class NotedQueue extends SqlGapQueue {
  /** In order, ms. */
  readonly putOffMs: number[] = [];

  override async putOff(series: Series, period: TimeRange, untilMs: number): Promise<void> {
    this.putOffMs.push(untilMs - clock.nowMs);
    await super.putOff(series, period, untilMs);
  }
}

/** The repair of one test with the real stores, a scripted venue and a clock that never waits. */
export class RepairUnderTest {
  /** Has every candle up to its clock, which is not the local one. */
  readonly venue = new ScriptedVenue(at(5_000));
  readonly store: SqlCandleStore;
  readonly live: SqlLiveCandleStore;
  readonly queue: NotedQueue;
  readonly symbols: SqlSymbolStore;
  readonly registry = createRegistry();
  readonly metrics = createRepairMetrics(this.registry);
  /** What it told of its progress. */
  readonly progress: RepairCounts[] = [];
  readonly #database: Database;

  /** @param database migrated and empty */
  constructor(database: Database) {
    Object.assign(clock, { nowMs: at(6_000), slept: [], stopped: false });
    this.#database = database;
    const options = { database, reaskMs: REASK_MS, now: () => clock.nowMs };
    this.store = new SqlCandleStore(options);
    this.live = new SqlLiveCandleStore(options);
    this.queue = new NotedQueue(options);
    this.symbols = new SqlSymbolStore(database);
  }

  /** An attempt that goes on from what `before` says. */
  attempt(signal: AbortSignal = NEVER, before: RepairCounts = NO_REPAIRS): Repair {
    const { venue, store, queue, symbols, metrics, progress } = this;
    return new Repair(
      {
        ...{ venue, candles: store, gaps: queue, metrics, origin: REPAIR, signal },
        listing: new CurrentListing({ venue, symbols, signal }),
        reaskMs: REASK_MS[0],
        onProgress: (counts) => progress.push(counts),
        nowMs: () => clock.nowMs,
      },
      before,
    );
  }

  /** Candle 0 is stored, and what follows up to candle `until` becomes a gap that is due at once. */
  async disconnected(until: number, ...symbols: string[]): Promise<void> {
    const all = symbols.length === 0 ? [SERIES] : symbols.map((symbol) => fiveMinutes(symbol));
    await this.live.storeClosed(
      all.map((series) => liveCandle(0, { series })),
      ORIGIN,
    );
    await this.live.handOver(
      all.map((series) => ({ ...series, untilMs: at(until) })),
      ORIGIN,
    );
  }

  /** A backfill had no usable answer for these spans in candle numbers, and they are due by now. */
  async failed(...spans: (readonly [from: number, to: number])[]): Promise<void> {
    const ranges = spans.map(([from, to]) => span(from, to));
    await this.store.settleFailed(SERIES, ranges, ORIGIN, 'HTTP 502');
    clock.nowMs += REASK_MS[0];
  }

  /** What was asked for, in order. */
  get asked(): TimeRange[] {
    return this.venue.asked.map(({ window }) => window);
  }

  async openGaps(symbol?: string): Promise<readonly GapRecord[]> {
    const { gaps } = await readGaps(this.#database, { openOnly: true });
    return symbol === undefined ? gaps : gaps.filter((gap) => gap.symbol === symbol);
  }

  /** All that is stored of a series. @throws when it breaks the invariant of coverage */
  async stored(series: Series = SERIES): Promise<Stored> {
    const stored = await readStored(this.#database, series);
    const faults = broken(stored, series);
    if (faults.length > 0) throw new Error(faults.join('; '));
    return stored;
  }
}

export function fiveMinutes(symbol: string): Series {
  return { symbol, timeframe: '5m' };
}

/** From candle number `from` up to, not including, `to`. */
export function span(from: number, to: number): TimeRange {
  return { fromMs: at(from), toMs: at(to) };
}
