import type { Timeframe } from '../domain/timeframe.js';
import { DecimalWriter } from './decimal-writer.js';
import { findInterval, intervalOf, type Interval } from './interval.js';
import type { Market } from './market.js';

/** The venue's row: open time in ms, open, high, low, close, volume, turnover. */
export type CandleRow = readonly [
  openTimeMs: string,
  open: string,
  high: string,
  low: string,
  close: string,
  volume: string,
  turnover: string,
];

/** What the market's candles really are, to compare a collector's database with. */
export class Truth {
  readonly #market: Market;

  constructor(market: Market) {
    this.#market = market;
  }

  /**
   * The candles that open in [fromMs, toMs), oldest first, as they are at `nowMs` (default: the
   * market's now): final ones, and the open candle as far as it has come. Lag, late amendments and
   * faults do not count; holes, listing times and `emptyCandles` do. `timeframe` may also be an
   * interval id of the venue, as '1' or 'W'. Thrown when symbol or timeframe is unknown.
   */
  candles(
    symbol: string,
    timeframe: Timeframe | { readonly interval: string },
    fromMs: number,
    toMs: number,
    nowMs: number = this.#market.clock.nowMs(),
  ): CandleRow[] {
    if (!Number.isFinite(toMs)) throw new Error('toMs must be finite');
    const found = this.#market.find(symbol);
    if (found === undefined) throw new Error(`${symbol} is not a symbol of this market`);
    const view = this.#market.finalView(nowMs);
    const candles = found.series.oldest(resolve(timeframe), fromMs, toMs - 1, Infinity, view);
    const writer = new DecimalWriter();
    writer.rows(candles, found, 'as listed');
    return JSON.parse(writer.toString()) as CandleRow[];
  }

  /** Every symbol that trades at the market's now. */
  symbols(): string[] {
    return this.#market.tradingSymbols().map(({ symbol }) => symbol);
  }
}

function resolve(timeframe: Timeframe | { readonly interval: string }): Interval {
  if (typeof timeframe === 'string') return intervalOf(timeframe);
  const interval = findInterval(timeframe.interval);
  if (interval === undefined) throw new Error(`the venue has no interval ${timeframe.interval}`);
  return interval;
}
