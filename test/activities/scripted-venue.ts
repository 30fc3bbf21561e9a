import { setMaxListeners } from 'node:events';
import { emptyCandles, type Candles } from '../../domain/candles.js';
import type { Instrument } from '../../domain/instrument.js';
import type { CandlePage } from '../../domain/page.js';
import type { Series } from '../../domain/series.js';
import type { TimeRange } from '../../domain/time-range.js';
import { timeframeMs } from '../../domain/timeframe.js';
import type { RequestOptions, Venue } from '../../domain/venue.js';

export interface AskedWindow extends Series {
  readonly window: TimeRange;
  /** By a steady clock, ms. */
  readonly atMs: number;
}

/** A venue that has every candle unless the test says otherwise. */
export class ScriptedVenue implements Venue {
  /** In order of asking. */
  readonly asked: AskedWindow[] = [];
  /** Requests under way now, and the most at once. */
  underWay = 0;
  mostUnderWay = 0;
  /** The clock in the answers, ms. */
  nowMs: number;
  /** Runs before each answer: throws, or waits. */
  before: (asked: AskedWindow, options: RequestOptions) => void | Promise<void> = () => undefined;
  /** What the venue makes of its own rows before it answers. */
  rows: (rows: Candles, asked: AskedWindow) => Candles = (rows) => rows;
  /** Open times of rows whose prices it left empty. */
  skipped: (asked: AskedWindow) => readonly number[] = () => [];
  /** The pairs that it lists: throws, or tells. */
  listed: () => readonly string[] = () => {
    throw new Error('the script lists no instruments');
  };

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  async candles(series: Series, window: TimeRange, options: RequestOptions): Promise<CandlePage> {
    const asked = { ...series, window, atMs: performance.now() };
    this.asked.push(asked);
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    try {
      await this.before(asked, options);
    } finally {
      this.underWay--;
    }
    const venueTimeMs = this.nowMs;
    const lengthMs = timeframeMs(series.timeframe);
    const toMs = Math.min(window.toMs, venueTimeMs + 1);
    const count = Math.max(0, Math.ceil((toMs - window.fromMs) / lengthMs));
    const times = Array.from({ length: count }, (_, i) => window.fromMs + i * lengthMs);
    const candles = this.rows(candlesAt(times), asked);
    return { window, venueTimeMs, candles, skippedMs: this.skipped(asked) };
  }

  /** `SYMBOL timeframe` of each request, in order. */
  get order(): string[] {
    return this.asked.map(({ symbol, timeframe }) => `${symbol} ${timeframe}`);
  }

  serverTimeMs(): Promise<number> {
    return Promise.resolve(this.nowMs);
  }

  instruments(): Promise<readonly Instrument[]> {
    return Promise.resolve().then(() => this.listed().map(instrument));
  }

  turnovers(): Promise<never> {
    return Promise.reject(new Error('the script lists no turnovers'));
  }
}

function instrument(symbol: string): Instrument {
  const [base, quote] = [symbol.slice(0, -4), symbol.slice(-4)];
  return { symbol, base, quote, pricePrecision: 1, amountPrecision: 1 };
}

/** Candles with values made from their times; `moreVolume` than usual. */
export function candlesAt(openTimesMs: readonly number[], moreVolume = 0): Candles {
  const candles = emptyCandles(openTimesMs.length);
  openTimesMs.forEach((timeMs, i) => {
    const price = 100 + ((timeMs / 60_000) % 1_000);
    candles.openTimeMs[i] = timeMs;
    candles.open[i] = price;
    candles.high[i] = price + 2;
    candles.low[i] = price - 2;
    candles.close[i] = price + 1;
    candles.volume[i] = 10 + moreVolume;
    candles.turnover[i] = 1_000;
  });
  return candles;
}

/** The candles without those whose open time `left` takes. */
export function without(candles: Candles, left: (openTimeMs: number) => boolean): Candles {
  return candlesAt([...candles.openTimeMs].filter((timeMs) => !left(timeMs)));
}

/** Waits until the request is given up, and throws as the transport does. */
export function untilGivenUp({ signal }: Pick<RequestOptions, 'signal'>): Promise<never> {
  if (signal !== undefined) setMaxListeners(0, signal);
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
