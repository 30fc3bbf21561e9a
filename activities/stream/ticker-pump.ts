import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf, ServerAway } from '../../domain/failure.js';
import type { Ticker, TickerCache, TickerWrite } from '../../domain/ticker.js';
import { atMostUntil } from './aborted.js';

/** Tickers in one write: Redis serves nobody else while it works on them. */
const BATCH = 256;

/** Between two attempts while Redis is away, ms. */
const RETRY_MS = 500;

/** How long another attempt is believed to own the tickers before that is asked again, ms. */
const SUPERSEDED_MS = 10_000;

/** How often quiet tickers get a new time to live, ms: well within it. */
const RENEW_MS = 20_000;

export interface TickerPumpOptions {
  readonly cache: TickerCache;
  /** Called for each ticker that was written. */
  readonly onWritten: (ticker: Ticker) => void;
  /** Redis is away; called once each time. */
  readonly onAway: (reason: string) => void;
  /** Tickers are written again. */
  readonly onBack: () => void;
  /** Another attempt has taken over: nothing is written while it lives. */
  readonly onSuperseded: () => void;
  /** What nobody foresaw: nothing more is written. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Writes the latest ticker of each symbol, one write at a time. What comes faster than Redis takes it
 * is overtaken by its successor, so memory is bounded by the number of symbols.
 */
export class TickerPump {
  readonly #options: TickerPumpOptions;
  /** To be written. */
  readonly #waiting = new Map<string, Ticker>();
  /** The latest of each symbol whose connection lives. */
  readonly #latest = new Map<string, Ticker>();
  /** To be kept alive, once nothing waits. */
  readonly #renewals = new Map<string, Ticker>();
  readonly #stop = new AbortController();
  readonly #renewal: NodeJS.Timeout;
  #pumping: Promise<void> | undefined;
  /** Tickers in the write that Redis has not answered yet. */
  #underWay = 0;
  #away = false;
  /** When another attempt was last found to own the tickers, ms by a steady clock. */
  #supersededAtMs: number | undefined;
  #written = 0;
  #dropped = 0;

  constructor(options: TickerPumpOptions) {
    this.#options = options;
    this.#renewal = setInterval(() => this.#renew(), RENEW_MS);
  }

  get written(): number {
    return this.#written;
  }

  /** Tickers that were overtaken while Redis was away, or never written. */
  get dropped(): number {
    return this.#dropped;
  }

  offer(ticker: Ticker): void {
    this.#latest.set(ticker.symbol, ticker);
    // a renewal that waits has an older value
    this.#renewals.delete(ticker.symbol);
    if (this.#isSuperseded || this.#stop.signal.aborted) return;
    if (this.#away && this.#waiting.has(ticker.symbol)) this.#dropped++;
    this.#waiting.set(ticker.symbol, ticker);
    this.#start();
  }

  /** A symbol whose connection is down is not kept alive. */
  forget(symbol: string): void {
    this.#latest.delete(symbol);
    this.#renewals.delete(symbol);
  }

  /** Writes what waits, at most until `signal` aborts, and stops. */
  async drain(signal: AbortSignal): Promise<void> {
    clearInterval(this.#renewal);
    await atMostUntil(signal, this.#pumping);
    this.#stop.abort();
    this.#dropped += this.#waiting.size + this.#underWay;
    this.#waiting.clear();
    await atMostUntil(signal, this.#options.cache.release());
  }

  #renew(): void {
    for (const [symbol, ticker] of this.#latest) this.#renewals.set(symbol, ticker);
    this.#start();
  }

  get #isSuperseded(): boolean {
    const atMs = this.#supersededAtMs;
    return atMs !== undefined && performance.now() - atMs < SUPERSEDED_MS;
  }

  #start(): void {
    this.#pumping ??= this.#pump().catch((error: unknown) => {
      this.#stop.abort();
      this.#options.onFault(error);
    });
  }

  async #pump(): Promise<void> {
    // What arrives in the same turn of the event loop goes into one write.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (!this.#stop.signal.aborted && !this.#isSuperseded) {
        const renewing = this.#waiting.size === 0;
        const queue = renewing ? this.#renewals : this.#waiting;
        if (queue.size === 0) break;
        await this.#write(take(queue, BATCH), renewing);
      }
    } finally {
      // In the same step in which nothing was found to wait: what comes next starts it again.
      this.#pumping = undefined;
    }
  }

  async #write(batch: readonly Ticker[], renewing: boolean): Promise<void> {
    const { onWritten, onBack, onSuperseded } = this.#options;
    try {
      const outcome = await this.#send(batch, renewing);
      // given up by the drain, which has counted them as dropped
      if (this.#stop.signal.aborted) return;
      if (outcome === 'superseded') {
        if (this.#supersededAtMs === undefined) onSuperseded();
        this.#supersededAtMs = performance.now();
        this.#waiting.clear();
        this.#renewals.clear();
        return;
      }
    } catch (error) {
      if (!(error instanceof ServerAway)) throw error;
      if (this.#stop.signal.aborted) return;
      if (!renewing) this.#putBack(batch);
      await this.#waitForRedis(error);
      return;
    }
    if (this.#away || this.#supersededAtMs !== undefined) onBack();
    this.#away = false;
    this.#supersededAtMs = undefined;
    if (renewing) return;
    this.#written += batch.length;
    for (const ticker of batch) onWritten(ticker);
  }

  async #send(batch: readonly Ticker[], renewing: boolean): Promise<TickerWrite> {
    const { cache } = this.#options;
    if (renewing) return cache.renew(batch);
    this.#underWay = batch.length;
    try {
      return await cache.write(batch);
    } finally {
      this.#underWay = 0;
    }
  }

  #putBack(batch: readonly Ticker[]): void {
    for (const ticker of batch) {
      if (this.#waiting.has(ticker.symbol)) this.#dropped++;
      else this.#waiting.set(ticker.symbol, ticker);
    }
  }

  async #waitForRedis(error: ServerAway): Promise<void> {
    if (!this.#away) this.#options.onAway(reasonOf(error));
    this.#away = true;
    await sleep(RETRY_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}

/** Takes the oldest entries out of a map. */
function take(queue: Map<string, Ticker>, atMost: number): Ticker[] {
  const batch: Ticker[] = [];
  for (const [symbol, ticker] of queue) {
    if (batch.length === atMost) break;
    queue.delete(symbol);
    batch.push(ticker);
  }
  return batch;
}
