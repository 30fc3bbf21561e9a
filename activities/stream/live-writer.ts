import { setTimeout as sleep } from 'node:timers/promises';
import { GiveUpRun, reasonOf, RetryNow, ServerAway } from '../../domain/failure.js';
import type { LiveCandle } from '../../domain/live-candle.js';
import type { Series } from '../../domain/series.js';
import type { FetchOrigin, LiveCandleStore, StoredLive } from '../../domain/stores.js';
import { atMostUntil } from './aborted.js';

/** Candles in one transaction: all timeframes of 700 symbols close together at midnight. */
const BATCH = 3_500;

/**
 * Candles that wait for a database that is away. Beyond it the oldest are given up: the next candle
 * of their series that is stored turns what is missing into a gap.
 */
const MAX_WAITING = 35_000;

/** Between two attempts while the database is away, ms. */
const RETRY_MS = 1_000;

export interface LiveWriterOptions {
  readonly store: LiveCandleStore;
  readonly origin: FetchOrigin;
  readonly onStored: (candles: readonly LiveCandle[], stored: StoredLive) => void;
  /** A disconnect was handed over; `gaps` of it are new. */
  readonly onHandedOver: (gaps: number) => void;
  /** The database is away; called once each time. */
  readonly onAway: (reason: string) => void;
  readonly onBack: () => void;
  /** A candle was given up while the database was away; it becomes a gap. */
  readonly onGivenUp: () => void;
  /** What nobody foresaw: nothing more is stored. */
  readonly onFault: (error: unknown) => void;
}

interface HandOver extends Series {
  readonly untilMs: number;
}

/**
 * Stores closed candles and hands over disconnects, in the order in which they came: candles first,
 * so that nothing is handed over that only waits to be stored.
 */
export class LiveWriter {
  readonly #options: LiveWriterOptions;
  readonly #candles = new Map<string, LiveCandle>();
  readonly #handOvers = new Map<string, HandOver>();
  readonly #stop = new AbortController();
  #working: Promise<void> | undefined;
  #away = false;

  constructor(options: LiveWriterOptions) {
    this.#options = options;
  }

  offer(candle: LiveCandle): void {
    const key = `${candle.symbol} ${candle.timeframe} ${candle.openTimeMs}`;
    const known = this.#candles.get(key);
    if (known !== undefined && known.volume > candle.volume) return;
    this.#candles.set(key, candle);
    if (this.#candles.size > MAX_WAITING) this.#giveUpOldest();
    this.#start();
  }

  handOver(series: readonly Series[], untilMs: number): void {
    for (const { symbol, timeframe } of series) {
      this.#handOvers.set(`${symbol} ${timeframe}`, { symbol, timeframe, untilMs });
    }
    this.#start();
  }

  /** Stores what waits, at most until `signal` aborts, and stops. */
  async drain(signal: AbortSignal): Promise<void> {
    await atMostUntil(signal, this.#working);
    this.#stop.abort();
  }

  #start(): void {
    this.#working ??= this.#work().catch((error: unknown) => {
      this.#stop.abort();
      this.#options.onFault(error);
    });
  }

  async #work(): Promise<void> {
    // What arrives in the same turn of the event loop goes into one transaction.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (!this.#stop.signal.aborted) {
        if (this.#candles.size > 0) await this.#storeSome();
        else if (this.#handOvers.size > 0) await this.#handOverAll();
        else return;
      }
    } finally {
      // In the same step in which nothing was found to wait: what comes next starts it again.
      this.#working = undefined;
    }
  }

  async #storeSome(): Promise<void> {
    const { store, origin, onStored } = this.#options;
    const batch = [...this.#candles].slice(0, BATCH);
    const candles = batch.map(([, candle]) => candle);
    const stored = await this.#attempt(() => store.storeClosed(candles, origin));
    if (stored === undefined) return;
    for (const [key, candle] of batch) {
      if (this.#candles.get(key) === candle) this.#candles.delete(key);
    }
    onStored(candles, stored);
  }

  async #handOverAll(): Promise<void> {
    const { store, origin, onHandedOver } = this.#options;
    const batch = [...this.#handOvers];
    const series = batch.map(([, each]) => each);
    const gaps = await this.#attempt(() => store.handOver(series, origin));
    if (gaps === undefined) return;
    for (const [key, each] of batch) {
      if (this.#handOvers.get(key) === each) this.#handOvers.delete(key);
    }
    onHandedOver(gaps);
  }

  /** @returns undefined when it failed and is to be tried again */
  async #attempt<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      const result = await work();
      if (this.#away) this.#options.onBack();
      this.#away = false;
      return result;
    } catch (error) {
      if (error instanceof RetryNow) return undefined;
      // A full disk or missing tables are mended by a person, and the stream goes on then.
      if (!(error instanceof ServerAway || error instanceof GiveUpRun)) throw error;
      if (!this.#away) this.#options.onAway(reasonOf(error));
      this.#away = true;
      await sleep(RETRY_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      return undefined;
    }
  }

  #giveUpOldest(): void {
    const [oldest] = this.#candles.keys();
    if (oldest === undefined) return;
    this.#candles.delete(oldest);
    this.#options.onGivenUp();
  }
}
