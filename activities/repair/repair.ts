import { setTimeout as sleep } from 'node:timers/promises';
import { GiveUpSymbol, RetrySoon } from '../../domain/failure.js';
import type { Gap } from '../../domain/gap.js';
import { pageWindows } from '../../domain/page.js';
import type { RepairCounts } from '../../domain/repair.js';
import type { Series } from '../../domain/series.js';
import { closedUntilMs, settlePage, type SettledPage } from '../../domain/settle.js';
import type { CandleStore, FetchOrigin, GapQueue } from '../../domain/stores.js';
import { normalise, type TimeRange } from '../../domain/time-range.js';
import type { Venue } from '../../domain/venue.js';
import { askPage } from '../ask-page.js';
import { API_RETRY_WAITS_MS } from '../failures.js';
import { runPool } from '../page-pool.js';
import { gravest } from '../request-failures.js';

/** Gaps that are taken out of the queue at once. */
const BATCH = 1_000;

/** Pages that are asked for or being stored at once. */
const PAGES_IN_FLIGHT = 32;

/** A gap that is due within this time is waited for, ms: a candle may only have to close. */
const NEAR_MS = 15_000;

/** When a candle is asked for again that the answer's own clock held for open, ms. */
const NOT_CLOSED_MS = { min: 3_000, max: 300_000 };

/** When a page is asked for again that failed too often, ms. */
const FAILED_MS = 300_000;

/** When a symbol is asked for again that the venue refuses, ms. */
const REFUSED_MS = 3_600_000;

export interface RepairDeps {
  readonly venue: Venue;
  readonly candles: CandleStore;
  readonly gaps: GapQueue;
  readonly origin: FetchOrigin;
  /** Wait before a hole is asked for again that the venue has just confirmed, ms. */
  readonly reaskMs: number;
  /** Aborts when the activity is cancelled or the worker stops. */
  readonly signal: AbortSignal;
  readonly onProgress: (counts: RepairCounts) => void;
  /** Local clock, ms. */
  readonly nowMs: () => number;
}

interface Page {
  readonly series: Series;
  readonly window: TimeRange;
}

/** One attempt at table `gap`. The table is the queue, so an attempt may begin anywhere. */
export class Repair {
  readonly #deps: RepairDeps;
  /** Failures of a page since it was last answered. */
  readonly #failures = new Map<string, number>();
  #counts: RepairCounts;

  constructor(deps: RepairDeps, counts: RepairCounts) {
    this.#deps = deps;
    this.#counts = counts;
  }

  /**
   * Asks for all that is due, and for what becomes due meanwhile.
   * @throws the gravest of what hindered it
   */
  async run(): Promise<RepairCounts> {
    for (;;) {
      this.#deps.signal.throwIfAborted();
      const gaps = await this.#deps.gaps.due(BATCH);
      if (gaps.length === 0 && !(await this.#waitForNext())) return this.#counts;
      const errors = await runPool(pagesOf(gaps), PAGES_IN_FLIGHT, (page) => this.#repair(page));
      this.#count({ gaps: gaps.length, requests: 0, candles: 0 });
      if (errors.length > 0) throw gravest(errors);
    }
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

  async #repair({ series, window }: Page): Promise<void> {
    const { venue, candles, origin, signal } = this.#deps;
    const key = `${series.symbol} ${series.timeframe} ${window.fromMs}`;
    try {
      const request = { budgetClass: 'upkeep', signal } as const;
      const { page, requests } = await askPage(venue, series, window, request);
      this.#failures.delete(key);
      const settled = settlePage(page, series.timeframe);
      const stored = { series, page: settled, origin, startsOnFirstDay: false };
      const { added } = await candles.storePage(stored);
      await this.#putOffRest(series, settled, page.venueTimeMs);
      this.#count({ gaps: 0, requests, candles: added });
    } catch (error) {
      const waitMs = this.#waitAfter(key, error);
      if (waitMs === undefined) throw error;
      await this.#putOff(series, window, waitMs);
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
    await this.#putOff(series, { fromMs, toMs: Math.min(openMs, toMs) }, this.#deps.reaskMs);
  }

  async #putOff(series: Series, period: TimeRange, waitMs: number): Promise<void> {
    await this.#deps.gaps.putOff(series, period, this.#deps.nowMs() + waitMs);
  }

  /** @returns undefined when the failure is not about this page */
  #waitAfter(key: string, error: unknown): number | undefined {
    if (error instanceof GiveUpSymbol) return REFUSED_MS;
    if (!(error instanceof RetrySoon)) return undefined;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    return API_RETRY_WAITS_MS[failures - 1] ?? FAILED_MS;
  }

  #count(more: RepairCounts): void {
    const { requests, candles, gaps } = this.#counts;
    this.#counts = {
      requests: requests + more.requests,
      candles: candles + more.candles,
      gaps: gaps + more.gaps,
    };
    this.#deps.onProgress(this.#counts);
  }
}

/** The pages that ask for every one of the gaps; neighbours of a series share a page. */
function pagesOf(gaps: readonly Gap[]): Page[] {
  const bySeries = new Map<string, { series: Series; periods: TimeRange[] }>();
  for (const { symbol, timeframe, period } of gaps) {
    const key = `${symbol} ${timeframe}`;
    const entry = bySeries.get(key) ?? { series: { symbol, timeframe }, periods: [] };
    entry.periods.push(period);
    bySeries.set(key, entry);
  }
  return [...bySeries.values()].flatMap(({ series, periods }) =>
    pageWindows(normalise(periods), series.timeframe).map((window) => ({ series, window })),
  );
}
