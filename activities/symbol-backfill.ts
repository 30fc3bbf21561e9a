import { GiveUpSymbol, reasonOf } from '../domain/failure.js';
import type { Series } from '../domain/series.js';
import { settlePage } from '../domain/settle.js';
import type { CandleStore, FetchOrigin, SeriesState, SymbolStore } from '../domain/stores.js';
import { isEmpty, subtract, type TimeRange, type TimeRanges } from '../domain/time-range.js';
import { openTimeMs } from '../domain/timeframe.js';
import type { RequestOptions, Venue } from '../domain/venue.js';
import { todo, windowsFor, type TodoOptions } from '../domain/wanted.js';
import { askPage } from './ask-page.js';
import { refreshSymbols } from './choose-symbols.js';
import { seriesFailed } from './failures.js';
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
  /** Pages stored and to be stored by this attempt: for whoever looks at its heartbeat. */
  readonly pages: { readonly stored: number; readonly of: number };
}

export const FRESH_CURSOR: SymbolCursor = {
  failures: {},
  otherRequests: 0,
  pages: { stored: 0, of: 0 },
};

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
  #pagesStored = 0;
  #pagesToStore = 0;
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
      this.#pagesToStore = pages.length;
      errors.push(
        ...(await runPool(pages, PAGES_IN_FLIGHT, (page) => this.#fetchAndStore(page, options))),
      );
    } catch (error) {
      errors.push(error);
    }
    if (errors.length === 0) return;
    if (errors.every((error) => error instanceof Delisted)) return this.#settleDelisted(errors);
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
      this.#unlessDelisted(() =>
        probeListing(venue, symbol, options.range, options.venueTimeMs, this.#request),
      ),
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
    const dayMs = openTimeMs('1d', options.range.fromMs);
    for (const { state, ranges } of wanted) {
      if ((ranges[0]?.fromMs ?? Infinity) >= firstDayMs) continue;
      const { symbol, timeframe, horizonMs = dayMs } = state;
      await this.#deps.candles.settleBeforeListing(
        [{ symbol, timeframe }],
        { fromMs: Math.max(dayMs, horizonMs), toMs: firstDayMs },
        this.#deps.origin,
      );
    }
  }

  async #fetchAndStore(page: Page, options: TodoOptions): Promise<void> {
    const { series, window, startsOnFirstDay } = page;
    const { candles, origin } = this.#deps;
    if (await this.#isSettled(page, options)) return;
    const key = `${series.timeframe}@${window.fromMs}`;
    const { page: answer, requests } = await this.#failures.count(key, [series], () =>
      this.#unlessDelisted(() => askPage(this.#deps.venue, series, window, this.#request)),
    );
    this.#otherRequests += requests - 1;
    const settled = settlePage(answer, series.timeframe);
    await candles.storePage({ series, page: settled, origin, startsOnFirstDay });
    this.#pagesStored++;
    this.#report();
  }

  /** @throws Delisted when the venue refuses a symbol that it no longer lists */
  async #unlessDelisted<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof GiveUpSymbol) || (await this.#isListed())) throw error;
      throw new Delisted(error.message);
    }
  }

  /** The listing that is stored may be older than the delisting. */
  async #isListed(): Promise<boolean> {
    const isActive = async (): Promise<boolean> =>
      (await this.#deps.symbols.activeSymbols()).includes(this.#task.symbol);
    if (!(await isActive())) return false;
    await refreshSymbols(this.#deps, this.#request);
    return isActive();
  }

  /**
   * What follows the last candle of a symbol that is gone is no failure. What is missing before it is
   * one: it can no longer be had.
   */
  async #settleDelisted(errors: readonly Delisted[]): Promise<void> {
    const { candles, origin } = this.#deps;
    const { symbol, timeframes } = this.#task;
    const options = await this.#todoOptions();
    await candles.settleAfterDelisting(this.#series, options.range.toMs, origin);
    const states = await candles.seriesStates([symbol], timeframes, options.range);
    const left = states.filter((state) => !isEmpty(todo(state, options)));
    if (left.length === 0) return;
    const reason = reasonOf(errors[0]);
    throw seriesFailed(left.map(({ timeframe }) => ({ symbol, timeframe, reason })));
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
      pages: { stored: this.#pagesStored, of: this.#pagesToStore },
    });
  }
}

/** Thrown when a symbol is refused because it is no longer listed. */
class Delisted extends Error {
  override readonly name = 'Delisted';
}

function since(firstMs: number | undefined, ranges: TimeRanges): TimeRanges {
  return firstMs === undefined
    ? ranges
    : subtract(ranges, [{ fromMs: Number.NEGATIVE_INFINITY, toMs: firstMs }]);
}
