import { setTimeout as sleep } from 'node:timers/promises';
import { GiveUpSymbol, RetrySoon } from '../../domain/failure.js';
import {
  addRepairs,
  NO_REPAIRS,
  repairPages,
  type RepairCounts,
  type RepairPage,
  type RepairRun,
} from '../../domain/repair.js';
import type { Series } from '../../domain/series.js';
import { closedUntilMs, rowSpans, settlePage, type SettledPage } from '../../domain/settle.js';
import type { CandleStore, FetchOrigin, GapQueue } from '../../domain/stores.js';
import { intersect, type TimeRange } from '../../domain/time-range.js';
import { timeframeMs } from '../../domain/timeframe.js';
import type { Venue } from '../../domain/venue.js';
import type { RepairMetrics } from '../../runtime/metrics/repair-metrics.js';
import { askPage } from '../ask-page.js';
import { API_RETRY_WAITS_MS } from '../failures.js';
import { runPool } from '../page-pool.js';
import { gravest } from '../request-failures.js';
import type { CurrentListing } from './current-listing.js';

/** Gaps that are taken out of the queue at once: all series after a loss of the network. */
const BATCH = 5_000;

/** Pages that are asked for or being stored at once. */
const PAGES_IN_FLIGHT = 32;

/** A gap that is due within this time is waited for, ms: a candle may only have to close. */
const NEAR_MS = 15_000;

/** When a candle is asked for again that the answer's own clock held for open, ms. */
const NOT_CLOSED_MS = { min: 3_000, max: 300_000 };

/** When a page is asked for again that failed too often, ms. */
const FAILED_MS = 300_000;

/** When a symbol is asked for again that the venue refuses and still lists, ms. */
const REFUSED_MS = 3_600_000;

export interface RepairDeps {
  readonly venue: Venue;
  readonly candles: CandleStore;
  readonly gaps: GapQueue;
  readonly listing: CurrentListing;
  readonly metrics: RepairMetrics;
  readonly origin: FetchOrigin;
  /** Wait before a hole is asked for again that the venue has just confirmed, ms. */
  readonly reaskMs: number;
  /** Aborts when the activity is cancelled or the worker stops. */
  readonly signal: AbortSignal;
  readonly onProgress: (counts: RepairCounts) => void;
  /** Local clock, ms. */
  readonly nowMs: () => number;
}

/** One attempt at table `gap`. The table is the queue, so an attempt may begin anywhere. */
export class Repair {
  readonly #deps: RepairDeps;
  /** Failures of a page since it was last answered. */
  readonly #failures = new Map<string, number>();
  #counts: RepairCounts;
  #sawHoles = false;

  constructor(deps: RepairDeps, counts: RepairCounts) {
    this.#deps = deps;
    this.#counts = counts;
  }

  /**
   * Asks for all that is due, and for what becomes due meanwhile.
   * @throws the gravest of what hindered it
   */
  async run(): Promise<RepairRun> {
    const { gaps: queue, metrics, nowMs, signal } = this.#deps;
    for (;;) {
      signal.throwIfAborted();
      const gaps = await queue.due(BATCH);
      if (gaps.length === 0 && !(await this.#waitForNext())) break;
      const errors = await runPool(repairPages(gaps), PAGES_IN_FLIGHT, (page) =>
        this.#repair(page),
      );
      this.#count({ gaps: gaps.length });
      if (errors.length > 0) throw gravest(errors);
    }
    if (this.#sawHoles) metrics.typed('venue_outage', await queue.typeOutages());
    const [waiting, dueMs] = [await queue.waiting(), await queue.nextDueMs()];
    return {
      ...this.#counts,
      waiting,
      ...(dueMs === undefined ? {} : { dueInMs: Math.max(0, dueMs - nowMs()) }),
    };
  }

  /** @returns false when nothing becomes due soon */
  async #waitForNext(): Promise<boolean> {
    const { gaps, nowMs, signal } = this.#deps;
    const dueMs = await gaps.nextDueMs();
    if (dueMs === undefined || dueMs - nowMs() > NEAR_MS) {
      // One may have become due between the two questions.
      return (await gaps.due(1)).length > 0;
    }
    await sleep(Math.max(0, dueMs - nowMs()), undefined, { signal });
    return true;
  }

  async #repair(page: RepairPage): Promise<void> {
    const { series, window } = page;
    const key = `${series.symbol} ${series.timeframe} ${window.fromMs}`;
    try {
      await this.#askOrSeal(page);
      this.#failures.delete(key);
    } catch (error) {
      const waitMs = this.#waitAfter(key, error);
      if (waitMs === undefined) throw error;
      await this.#putOff(series, window, waitMs);
    }
  }

  async #askOrSeal(page: RepairPage): Promise<void> {
    const { series, window } = page;
    try {
      await this.#ask(page);
    } catch (error) {
      if (!(error instanceof GiveUpSymbol)) throw error;
      if (await this.#deps.listing.has(series.symbol)) {
        await this.#putOff(series, window, REFUSED_MS);
        return;
      }
      const reason = 'the venue no longer lists the pair';
      const sealed = await this.#deps.gaps.seal(series.symbol, reason);
      this.#deps.metrics.typed('after_delisting', sealed);
    }
  }

  async #ask(page: RepairPage): Promise<void> {
    const { venue, candles, origin, signal } = this.#deps;
    const { series, window, asked } = page;
    const request = { budgetClass: 'upkeep', signal } as const;
    const answered = await askPage(venue, series, asked, request);
    const settled = settlePage(answered.page, series.timeframe, window);
    const stored = { series, page: settled, origin, startsOnFirstDay: false };
    const { added } = await candles.storePage(stored);
    this.#observe(page, settled);
    await this.#putOffRest(series, settled, answered.page.venueTimeMs);
    this.#count({ requests: answered.requests, candles: added });
  }

  /** Tells how long the gaps were open to which candles have come. */
  #observe({ series, gaps }: RepairPage, { closed }: SettledPage): void {
    const rows = rowSpans(closed.openTimeMs, timeframeMs(series.timeframe));
    for (const { period, kind, foundAtMs } of gaps) {
      if (intersect([period], rows).length === 0) continue;
      this.#deps.metrics.repaired(kind, this.#deps.nowMs() - foundAtMs);
    }
  }

  /** What the page did not settle, or settled as a hole that is due at once, waits for its turn. */
  async #putOffRest(series: Series, page: SettledPage, venueTimeMs: number): Promise<void> {
    const { fromMs, toMs } = page.window;
    const openMs = Math.max(fromMs, closedUntilMs(series.timeframe, venueTimeMs));
    if (openMs < toMs) {
      // half of what is left, since the market's clock may run faster than ours
      const waitMs = Math.max(NOT_CLOSED_MS.min, (toMs - venueTimeMs) / 2);
      await this.#putOff(series, { fromMs: openMs, toMs }, Math.min(waitMs, NOT_CLOSED_MS.max));
    }
    if (page.holes.length === 0 && page.skipped === 0) return;
    this.#sawHoles = true;
    await this.#putOff(series, { fromMs, toMs: Math.min(openMs, toMs) }, this.#deps.reaskMs);
  }

  async #putOff(series: Series, period: TimeRange, waitMs: number): Promise<void> {
    await this.#deps.gaps.putOff(series, period, this.#deps.nowMs() + waitMs);
  }

  /** @returns undefined when the failure is not about this page */
  #waitAfter(key: string, error: unknown): number | undefined {
    if (!(error instanceof RetrySoon)) return undefined;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    return API_RETRY_WAITS_MS[failures - 1] ?? FAILED_MS;
  }

  #count(more: Partial<RepairCounts>): void {
    const counts = { ...NO_REPAIRS, ...more };
    this.#deps.metrics.counted(counts);
    this.#counts = addRepairs(this.#counts, counts);
    this.#deps.onProgress(this.#counts);
  }
}
