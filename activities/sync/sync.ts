import { setTimeout as sleep } from 'node:timers/promises';
import type { Candles } from '../../domain/candles.js';
import { GiveUpSymbol, reasonOf, RetrySoon } from '../../domain/failure.js';
import { settlePage } from '../../domain/settle.js';
import type { CandleStore, FetchOrigin, LiveCandleStore } from '../../domain/stores.js';
import { syncTodo, type SyncTodo } from '../../domain/sync.js';
import type { TimeRange } from '../../domain/time-range.js';
import { timeframeMs, type Timeframe } from '../../domain/timeframe.js';
import type { RequestOptions, Venue } from '../../domain/venue.js';
import { askPage } from '../ask-page.js';
import { API_FAILURES_TO_GIVE_UP, apiFailure } from '../failures.js';
import { runPool } from '../page-pool.js';
import { gravest } from '../request-failures.js';
import { DonePrefix, type SyncCursor } from './sync-cursor.js';

/** Series that are asked for or being stored at once. */
const SERIES_AT_ONCE = 32;

/** A row that has less than what is stored counts once it comes again this much later, ms. */
const DOUBT_MS = 30_000;

export interface SyncDeps {
  readonly venue: Venue;
  readonly candles: CandleStore;
  readonly live: LiveCandleStore;
  readonly origin: FetchOrigin;
  /** Aborts when the activity is cancelled or the worker stops. */
  readonly signal: AbortSignal;
  readonly onProgress: (cursor: SyncCursor) => void;
}

/** What an attempt is to bring up to date. */
export interface SyncTask {
  readonly timeframe: Timeframe;
  /** In order of name. */
  readonly symbols: readonly string[];
  /** The venue's clock, ms. */
  readonly venueTimeMs: number;
}

interface SeriesTodo extends SyncTodo {
  readonly symbol: string;
}

interface Doubt {
  readonly symbol: string;
  readonly rows: Candles;
}

/** One attempt at a timeframe of a set. Coverage says what is missing, the cursor what was read. */
export class Sync {
  readonly #deps: SyncDeps;
  readonly #task: SyncTask;
  readonly #request: RequestOptions;
  readonly #failures = new Map<string, number>();
  readonly #reasons = new Map<string, string>();
  readonly #refused = new Set<string>();
  readonly #doubts: Doubt[] = [];
  #cursor: SyncCursor;

  constructor(deps: SyncDeps, task: SyncTask, cursor: SyncCursor) {
    this.#deps = deps;
    this.#task = task;
    this.#cursor = cursor;
    this.#request = { budgetClass: 'upkeep', signal: deps.signal };
    for (const [symbol, count] of Object.entries(cursor.failures))
      this.#failures.set(symbol, count);
  }

  get cursor(): SyncCursor {
    return this.#cursor;
  }

  /** Listed pairs that the venue refuses all the same. */
  get refused(): ReadonlySet<string> {
    return this.#refused;
  }

  /**
   * Reads and stores what is left of the task.
   *
   * @returns pairs of which nothing is settled: they need their history first
   * @throws what the attempt ends with: the gravest of what hindered all, else the failure of the
   *   series that failed most, until the venue has given up on it
   */
  async run(): Promise<readonly string[]> {
    const { todo, unknown } = await this.#plan();
    const prefix = new DonePrefix(todo.map(({ symbol }) => symbol));
    const errors = await runPool(todo, SERIES_AT_ONCE, async (one) => {
      await this.#attempt(one.symbol, () => this.#syncSeries(one));
      this.#doneTo(prefix.done(one.symbol));
    });
    if (errors.length > 0) throw gravest(errors);
    await this.#confirmDoubts();
    await this.#recordFailed();
    const [again] = [...this.#failures].sort((a, b) => b[1] - a[1]);
    if (again !== undefined) throw apiFailure(this.#reasons.get(again[0]) ?? '', again[1]);
    return unknown;
  }

  async #plan(): Promise<{ todo: readonly SeriesTodo[]; unknown: readonly string[] }> {
    const { timeframe, symbols, venueTimeMs } = this.#task;
    const range = { fromMs: 0, toMs: venueTimeMs };
    const states = await this.#deps.candles.seriesStates(symbols, [timeframe], range);
    const all = states.map((state) => ({ ...state, todo: syncTodo(state, venueTimeMs) }));
    const { doneTo } = this.#cursor;
    return {
      unknown: all.filter(({ todo }) => todo === undefined).map(({ symbol }) => symbol),
      todo: all
        .filter(({ symbol }) => symbol > doneTo || this.#failures.has(symbol))
        .flatMap(({ symbol, todo }) => (todo === undefined ? [] : [{ symbol, ...todo }])),
    };
  }

  async #syncSeries({ symbol, windows, behindMs }: SeriesTodo): Promise<void> {
    this.#update({ behindMs: Math.max(this.#cursor.behindMs, behindMs) });
    for (const window of windows) await this.#read(symbol, window);
  }

  async #read(symbol: string, window: TimeRange, confirmed?: Candles): Promise<void> {
    const { venue, live, origin } = this.#deps;
    const series = { symbol, timeframe: this.#task.timeframe };
    const { page: answer, requests } = await askPage(venue, series, window, this.#request);
    const page = settlePage(answer, series.timeframe);
    const stored = await live.storeReread({ series, page, origin, confirmed });
    this.#failures.delete(symbol);
    this.#update({
      requests: this.#cursor.requests + requests,
      candles: this.#cursor.candles + stored.addedMs.length,
      revised: this.#cursor.revised + stored.revised,
    });
    if (stored.doubted.openTimeMs.length > 0) this.#doubts.push({ symbol, rows: stored.doubted });
  }

  /** Counts what is the series' own failure. @throws all else */
  async #attempt(symbol: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof GiveUpSymbol) this.#refused.add(symbol);
      else if (error instanceof RetrySoon) {
        this.#failures.set(symbol, (this.#failures.get(symbol) ?? 0) + 1);
      } else throw error;
      this.#reasons.set(symbol, reasonOf(error));
    }
  }

  /** Asks once more for rows that had less than what is stored: the second time they are believed. */
  async #confirmDoubts(): Promise<void> {
    const doubts = this.#doubts.splice(0);
    if (doubts.length === 0) return;
    await sleep(DOUBT_MS, undefined, { signal: this.#deps.signal });
    const lengthMs = timeframeMs(this.#task.timeframe);
    const errors = await runPool(doubts, SERIES_AT_ONCE, ({ symbol, rows }) => {
      const [fromMs = 0] = rows.openTimeMs;
      const window = { fromMs, toMs: (rows.openTimeMs.at(-1) ?? fromMs) + lengthMs };
      return this.#attempt(symbol, () => this.#read(symbol, window, rows));
    });
    if (errors.length > 0) throw gravest(errors);
  }

  /** Gives up series whose request failed once too often: the repair and the next sync go on. */
  async #recordFailed(): Promise<void> {
    for (const [symbol, failures] of [...this.#failures]) {
      if (failures < API_FAILURES_TO_GIVE_UP) continue;
      await this.recordFailed(symbol, this.#reasons.get(symbol) ?? '');
      this.#failures.delete(symbol);
    }
    this.#update({});
  }

  /** Settles what is missing of a series as failed. */
  async recordFailed(symbol: string, reason: string): Promise<void> {
    const { timeframe, venueTimeMs } = this.#task;
    const { candles, origin } = this.#deps;
    const range = { fromMs: 0, toMs: venueTimeMs };
    const [state] = await candles.seriesStates([symbol], [timeframe], range);
    const todo = state === undefined ? undefined : syncTodo(state, venueTimeMs);
    await candles.settleFailed({ symbol, timeframe }, todo?.missing ?? [], origin, reason);
    this.#update({ failed: [...this.#cursor.failed, { symbol, timeframe, reason }] });
  }

  /** Never back: what is tried again lies before what earlier attempts have done. */
  #doneTo(symbol: string | undefined): void {
    if (symbol !== undefined && symbol > this.#cursor.doneTo) this.#update({ doneTo: symbol });
  }

  reasonFor(symbol: string): string {
    return this.#reasons.get(symbol) ?? '';
  }

  #update(change: Partial<SyncCursor>): void {
    const failures = Object.fromEntries(this.#failures);
    this.#cursor = { ...this.#cursor, ...change, failures };
    this.#deps.onProgress(this.#cursor);
  }
}
