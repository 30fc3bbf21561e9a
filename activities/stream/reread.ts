import { setTimeout as sleep } from 'node:timers/promises';
import type { Candles } from '../../domain/candles.js';
import { closedBy, type Closes } from '../../domain/close-watch.js';
import {
  GiveUpRun,
  GiveUpSymbol,
  reasonOf,
  RetryNow,
  RetrySoon,
  ServerAway,
  WaitUntil,
} from '../../domain/failure.js';
import { PAGE_CANDLES } from '../../domain/page.js';
import type { Series } from '../../domain/series.js';
import { closedUntilMs, settlePage } from '../../domain/settle.js';
import type { FetchOrigin, LiveCandleStore } from '../../domain/stores.js';
import type { TimeRange } from '../../domain/time-range.js';
import { TIMEFRAMES, timeframeMs, type Timeframe } from '../../domain/timeframe.js';
import type { Venue } from '../../domain/venue.js';
import { askPage } from '../ask-page.js';
import { atMostUntil } from './aborted.js';

/** Symbols that are read at once. */
const SYMBOLS_AT_ONCE = 24;

/** An answer that has less than what is stored counts once it comes again this much later, ms. */
const DOUBT_MS = 30_000;

/** How often is told that reading is hindered, ms. */
const TROUBLE_MS = 60_000;

/** Wait after a failure that is nobody's in particular, ms. */
const PAUSE_MS = 2_000;

export interface RereadOptions {
  readonly venue: Venue;
  readonly store: LiveCandleStore;
  readonly origin: FetchOrigin;
  readonly symbols: readonly string[];
  /** Local clock, ms. */
  readonly nowMs: () => number;
  /** Candles that the stream had not brought. */
  readonly onMissed: (series: Series, openTimesMs: readonly number[]) => void;
  readonly onRevised: (count: number) => void;
  /** Reading is hindered, one line; called at most once a minute. */
  readonly onTrouble: (reason: string) => void;
  readonly onFault: (error: unknown) => void;
}

/** What is to be read of one series. */
interface Wanted {
  readonly window: TimeRange;
  /** Rows that an earlier answer had, which count if this one has them too. */
  readonly confirmed: Candles | undefined;
}

/**
 * Reads candles again by REST after they have closed, all series of a symbol in one pass: what the
 * stream missed is stored, what it had wrong is replaced. What could not be read stays wanted and is
 * read with the next close, so nothing is retried here.
 */
export class Reread {
  readonly #options: RereadOptions;
  readonly #wanted = new Map<string, Map<Timeframe, Wanted>>();
  readonly #queue = new Set<string>();
  readonly #refused = new Set<string>();
  readonly #stop = new AbortController();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  #pausedUntilMs = -Infinity;
  #troubleToldMs = -Infinity;

  constructor(options: RereadOptions) {
    this.#options = options;
  }

  /** Wants every candle that these closes ended. */
  closed(closes: Closes): void {
    for (const symbol of this.#options.symbols) {
      if (this.#refused.has(symbol)) continue;
      for (const timeframe of TIMEFRAMES) {
        const window = closedBy(timeframe, closes);
        if (window !== undefined)
          this.#want({ symbol, timeframe }, { window, confirmed: undefined });
      }
      this.#queue.add(symbol);
    }
    this.#start();
  }

  /**
   * Gives up what is not read yet: coverage knows what is missing. Waits for what is being stored, at
   * most until `signal` aborts.
   */
  async close(signal: AbortSignal): Promise<void> {
    this.#stop.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#queue.clear();
    await atMostUntil(signal, Promise.all(this.#running));
  }

  #want({ symbol, timeframe }: Series, { window, confirmed }: Wanted): void {
    const ofSymbol = this.#wanted.get(symbol) ?? new Map<Timeframe, Wanted>();
    const known = ofSymbol.get(timeframe);
    const toMs = Math.max(known?.window.toMs ?? window.toMs, window.toMs);
    const fromMs = Math.max(
      Math.min(known?.window.fromMs ?? window.fromMs, window.fromMs),
      toMs - PAGE_CANDLES * timeframeMs(timeframe),
    );
    ofSymbol.set(timeframe, {
      window: { fromMs, toMs },
      confirmed: confirmed ?? known?.confirmed,
    });
    this.#wanted.set(symbol, ofSymbol);
  }

  #start(): void {
    const more = Math.min(SYMBOLS_AT_ONCE - this.#running.size, this.#queue.size);
    for (let i = 0; i < more; i++) {
      const running = this.#work()
        .catch((error: unknown) => {
          this.#stop.abort();
          this.#options.onFault(error);
        })
        .finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
  }

  async #work(): Promise<void> {
    for (;;) {
      const [symbol] = this.#queue;
      if (symbol === undefined || this.#stop.signal.aborted) return;
      this.#queue.delete(symbol);
      await this.#readSymbol(symbol);
    }
  }

  async #readSymbol(symbol: string): Promise<void> {
    const wanted = [...(this.#wanted.get(symbol) ?? [])];
    this.#wanted.delete(symbol);
    for (const [timeframe, each] of wanted) {
      const series = { symbol, timeframe };
      try {
        await this.#afterPause();
        await this.#readSeries(series, each);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#want(series, each);
        this.#hindered(symbol, error);
        if (this.#refused.has(symbol)) return;
      }
    }
  }

  async #readSeries(series: Series, { window, confirmed }: Wanted): Promise<void> {
    const { venue, store, origin, onMissed, onRevised } = this.#options;
    const request = { budgetClass: 'upkeep', signal: this.#stop.signal } as const;
    const { page } = await askPage(venue, series, window, request);
    const settled = settlePage(page, series.timeframe);
    const stored = await store.storeReread({ series, page: settled, origin, confirmed });
    const openMs = closedUntilMs(series.timeframe, page.venueTimeMs);
    // The answer's own clock may lag behind the stream's: then the last candle is asked for again.
    if (openMs < window.toMs) {
      const rest = { fromMs: Math.max(openMs, window.fromMs), toMs: window.toMs };
      this.#want(series, { window: rest, confirmed: undefined });
    }
    if (stored.addedMs.length > 0) onMissed(series, stored.addedMs);
    if (stored.revised > 0) onRevised(stored.revised);
    if (stored.doubted.openTimeMs.length > 0) this.#doubt(series, stored.doubted);
  }

  /** Asks for the rows again, later. */
  #doubt(series: Series, rows: Candles): void {
    if (this.#stop.signal.aborted) return;
    const { symbol, timeframe } = series;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const [firstMs = 0] = rows.openTimeMs;
      const lastMs = rows.openTimeMs.at(-1) ?? firstMs;
      const window = { fromMs: firstMs, toMs: lastMs + timeframeMs(timeframe) };
      this.#want(series, { window, confirmed: rows });
      this.#queue.add(symbol);
      this.#start();
    }, DOUBT_MS);
    this.#timers.add(timer);
  }

  #pauseUntil(timeMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, timeMs);
  }

  async #afterPause(): Promise<void> {
    const waitMs = this.#pausedUntilMs - this.#options.nowMs();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: this.#stop.signal });
  }

  /** Sorts a failure by what it means for the next readings. @throws what nobody foresaw */
  #hindered(symbol: string, error: unknown): void {
    if (error instanceof GiveUpSymbol) {
      this.#refused.add(symbol);
      this.#wanted.delete(symbol);
    } else if (error instanceof WaitUntil) {
      this.#pauseUntil(error.untilMs);
    } else if (error instanceof ServerAway || error instanceof GiveUpRun) {
      this.#pauseUntil(this.#options.nowMs() + PAUSE_MS);
    } else if (!(error instanceof RetrySoon || error instanceof RetryNow)) {
      throw error;
    }
    // The reasons of many series differ in their names only.
    const now = performance.now();
    if (now - this.#troubleToldMs < TROUBLE_MS) return;
    this.#troubleToldMs = now;
    this.#options.onTrouble(reasonOf(error));
  }
}
