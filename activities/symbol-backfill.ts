import type { Series } from '../domain/series.js';
import { settlePage } from '../domain/settle.js';
import type { CandleStore, FetchOrigin, SeriesState, SymbolStore } from '../domain/stores.js';
import { isEmpty, subtract, type TimeRange, type TimeRanges } from '../domain/time-range.js';
import { openTimeMs } from '../domain/timeframe.js';
import type { RequestOptions, Venue } from '../domain/venue.js';
import { todo, windowsFor, type TodoOptions } from '../domain/wanted.js';
import { askPage } from './ask-page.js';
import { needsProbe, probeListing } from './listing-probe.js';
import { runPool } from './page-pool.js';
import { gravest, RequestFailures, type FailureCounts } from './request-failures.js';
import type { SymbolTask } from './types.js';

/** Pages of one symbol that are asked for or being stored at once. */
const PAGES_IN_FLIGHT = 16;

/** What was read of a series is believed for this long, ms; later it is read again before a page. */
const STATES_FRESH_MS = 1_000;

/** What an attempt hands to the next one through its heartbeat. */
export interface SymbolCursor {
  readonly failures: FailureCounts;
  /** Requests that table `fetch` does not show: time, probes, second looks at an empty window. */
  readonly otherRequests: number;
}

export const FRESH_CURSOR: SymbolCursor = { failures: {}, otherRequests: 0 };

export interface SymbolBackfillDeps {
  readonly venue: Venue;
  readonly candles: CandleStore;
  readonly symbols: SymbolStore;
  readonly origin: FetchOrigin;
  /** Aborts when the activity is cancelled or the worker stops. */
  readonly signal: AbortSignal;
  /** Called after each commit and each counted failure. */
  readonly onProgress: (cursor: SymbolCursor) => void;
}

interface Page {
  readonly series: Series;
  readonly window: TimeRange;
  readonly startsOnFirstDay: boolean;
}

/** One attempt at a symbol. Coverage says what is left, so an attempt may begin anywhere. */
export class SymbolBackfill {
  readonly #deps: SymbolBackfillDeps;
  readonly #task: SymbolTask;
  readonly #series: readonly Series[];
  readonly #request: RequestOptions;
  readonly #failures: RequestFailures;
  #otherRequests: number;
  /** Steady clock when coverage was read for the whole task, ms. */
  #statesReadAtMs = -Infinity;

  constructor(deps: SymbolBackfillDeps, task: SymbolTask, cursor: SymbolCursor) {
    this.#deps = deps;
    this.#task = task;
    this.#series = task.timeframes.map((timeframe) => ({ symbol: task.symbol, timeframe }));
    this.#request = { budgetClass: 'backfill', signal: deps.signal };
    this.#failures = new RequestFailures(cursor.failures);
    this.#otherRequests = cursor.otherRequests;
  }

  get otherRequests(): number {
    return this.#otherRequests;
  }

  /**
   * Asks for and stores all that is left.
   * @throws what the attempt ends with, the gravest when several requests failed
   */
  async run(): Promise<void> {
    const errors: unknown[] = [];
    try {
      const options = await this.#todoOptions();
      const pages = await this.#pages(options);
      errors.push(
        ...(await runPool(pages, PAGES_IN_FLIGHT, (page) => this.#fetchAndStore(page, options))),
      );
    } catch (error) {
      errors.push(error);
    }
    if (errors.length === 0) return;
    this.#report();
    throw gravest(errors);
  }

  async #todoOptions(): Promise<TodoOptions> {
    const { fromMs, toMs, venueTimeMs, goOnToNow, onlyFailed } = this.#task;
    if (!goOnToNow) return { range: { fromMs, toMs }, venueTimeMs, onlyFailed };
    const nowMs = await this.#failures.count('time', this.#series, () =>
      this.#deps.venue.serverTimeMs(this.#request),
    );
    this.#otherRequests++;
    return { range: { fromMs, toMs: nowMs }, venueTimeMs: nowMs, onlyFailed };
  }

  /** The pages to ask for, after the symbol's first day is known. */
  async #pages(options: TodoOptions): Promise<Page[]> {
    const { symbol, timeframes } = this.#task;
    this.#statesReadAtMs = performance.now();
    const states = await this.#deps.candles.seriesStates([symbol], timeframes, options.range);
    const wanted = states.map((state) => ({ state, ranges: todo(state, options) }));
    if (wanted.every(({ ranges }) => isEmpty(ranges))) return [];
    const life = await this.#life(options);
    if (life === 'not traded yet') return [];
    if (life.firstDayMs !== undefined) await this.#settleBefore(life.firstDayMs, wanted, options);
    return wanted.flatMap(({ state, ranges }) =>
      windowsFor(state.timeframe, since(life.firstDayMs, ranges), options).map((window) => ({
        series: { symbol, timeframe: state.timeframe },
        window,
        startsOnFirstDay: openTimeMs('1d', window.fromMs) === life.firstDayMs,
      })),
    );
  }

  async #life(options: TodoOptions) {
    const { venue, symbols } = this.#deps;
    const { symbol } = this.#task;
    const known = await symbols.history(symbol);
    if (!needsProbe(known, options.range)) return known;
    const probe = await this.#failures.count('probe', this.#series, () =>
      probeListing(venue, symbol, options.range, options.venueTimeMs, this.#request),
    );
    this.#otherRequests += probe.requests;
    if (probe.history === undefined) return 'not traded yet';
    await symbols.recordProbe(symbol, probe.history);
    this.#report();
    return probe.history;
  }

  /** Settles the time before the listing, where it was wanted and is not settled yet. */
  async #settleBefore(
    firstDayMs: number,
    wanted: readonly { state: SeriesState; ranges: TimeRanges }[],
    options: TodoOptions,
  ): Promise<void> {
    const series = wanted
      .filter(({ ranges }) => (ranges[0]?.fromMs ?? Infinity) < firstDayMs)
      .map(({ state: { symbol, timeframe } }) => ({ symbol, timeframe }));
    if (series.length === 0) return;
    const fromMs = openTimeMs('1d', options.range.fromMs);
    await this.#deps.candles.settleBeforeListing(
      series,
      { fromMs, toMs: firstDayMs },
      this.#deps.origin,
    );
  }

  async #fetchAndStore(page: Page, options: TodoOptions): Promise<void> {
    const { series, window, startsOnFirstDay } = page;
    const { candles, origin } = this.#deps;
    if (await this.#isSettled(page, options)) return;
    const key = `${series.timeframe}@${window.fromMs}`;
    const { page: answer, requests } = await this.#failures.count(key, [series], () =>
      askPage(this.#deps.venue, series, window, this.#request),
    );
    this.#otherRequests += requests - 1;
    const settled = settlePage(answer, series.timeframe);
    await candles.storePage({ series, page: settled, origin, startsOnFirstDay });
    this.#report();
  }

  /** A run beside this one may have settled the page since coverage was read. */
  async #isSettled({ series, window }: Page, options: TodoOptions): Promise<boolean> {
    if (performance.now() - this.#statesReadAtMs < STATES_FRESH_MS) return false;
    const { symbol, timeframe } = series;
    const [state] = await this.#deps.candles.seriesStates([symbol], [timeframe], window);
    return state !== undefined && isEmpty(todo(state, { ...options, range: window }));
  }

  #report(): void {
    this.#deps.onProgress({
      failures: this.#failures.counts,
      otherRequests: this.#otherRequests,
    });
  }
}

function since(firstMs: number | undefined, ranges: TimeRanges): TimeRanges {
  return firstMs === undefined
    ? ranges
    : subtract(ranges, [{ fromMs: Number.NEGATIVE_INFINITY, toMs: firstMs }]);
}
