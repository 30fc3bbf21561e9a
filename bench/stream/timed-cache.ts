import type { LiveCandle } from '../../domain/live-candle.js';
import type { Ticker, TickerCache, TickerWrite } from '../../domain/ticker.js';
import { ReceiptClock } from '../../exchange/stream/receipt-clock.js';
import { median } from '../statistics.js';
import { Delays } from './delays.js';
import type { MemoryMark, Received } from './protocols.js';

/** Memory is noted after so many tickers. */
const MARKS = [100_000, 500_000, 1_000_000];
/** It moves up and down with each collection, so a mark is the median of looks this far apart. */
const LOOK_EVERY = 5_000;
const LOOKS = 9;

/** A cache of tickers that measures how long it took them to get there. */
export class TimedCache implements TickerCache {
  readonly #cache: TickerCache;
  readonly #clock = new ReceiptClock();
  readonly #fromReceipt = new Delays();
  readonly #fromSending = new Delays();
  readonly #marks: MemoryMark[] = [];
  #marksLeft = MARKS;
  #looks: number[] = [];
  #total = 0;
  #written = 0;
  #candles = 0;

  constructor(cache: TickerCache) {
    this.#cache = cache;
  }

  get marks(): readonly MemoryMark[] {
    return this.#marks;
  }

  /** Forgets all but the memory. */
  begin(): void {
    this.#fromReceipt.clear();
    this.#fromSending.clear();
    this.#written = 0;
    this.#candles = 0;
  }

  received(): Received {
    return {
      written: this.#written,
      candles: this.#candles,
      fromReceipt: this.#fromReceipt.figures(),
      fromSending: this.#fromSending.figures(),
    };
  }

  /** Notes the memory as it was lately. */
  mark(): void {
    this.#marks.push({ written: this.#total, rssBytes: median(this.#looks) });
  }

  /** Looks at the memory as it is now. */
  look(): void {
    this.#looks = [...this.#looks.slice(1 - LOOKS), process.memoryUsage.rss()];
  }

  async write(tickers: readonly Ticker[]): Promise<TickerWrite> {
    const outcome = await this.#cache.write(tickers);
    const nowMs = this.#clock.nowMs();
    for (const { receivedAtMs, venueTimeMs } of tickers) {
      this.#fromReceipt.record(nowMs - receivedAtMs);
      this.#fromSending.record(nowMs - venueTimeMs);
    }
    this.#written += tickers.length;
    const looksBefore = Math.floor(this.#total / LOOK_EVERY);
    this.#total += tickers.length;
    if (Math.floor(this.#total / LOOK_EVERY) > looksBefore) this.look();
    const [next = Infinity] = this.#marksLeft;
    if (this.#total >= next) {
      this.#marksLeft = this.#marksLeft.slice(1);
      this.mark();
    }
    return outcome;
  }

  renew(tickers: readonly Ticker[]): Promise<TickerWrite> {
    return this.#cache.renew(tickers);
  }

  publishClosedCandles(candles: readonly LiveCandle[]): Promise<TickerWrite> {
    this.#candles += candles.length;
    return this.#cache.publishClosedCandles(candles);
  }

  release(): Promise<void> {
    return this.#cache.release();
  }
}
