import type { CandleList } from './candle-list.js';
import { findInterval, type Interval } from './interval.js';
import type { Market, MarketSymbol } from './market.js';
import type { OpenCandles } from './open-candles.js';
import { publishDay, publishTicker, type DayFigures, type Ticker } from './ticker.js';

const LEAF = findInterval('5') as Interval;

/** Tickers computed from the 5-minute candles of the last 24 hours, the open one included. */
export class TickerBoard {
  readonly #market: Market;
  readonly #candles: OpenCandles;

  constructor(market: Market, candles: OpenCandles) {
    this.#market = market;
    this.#candles = candles;
  }

  /** The ticker of a symbol at the market's now. */
  ticker(symbol: MarketSymbol): Ticker {
    const nowMs = this.#market.clock.nowMs();
    return publishTicker(symbol, this.#sum(symbol, nowMs), this.#market.quirks, nowMs);
  }

  /** The figures that REST and the stream have in common. */
  figures(symbol: MarketSymbol, nowMs: number): DayFigures {
    return publishDay(symbol, this.#sum(symbol, nowMs));
  }

  #sum(symbol: MarketSymbol, nowMs: number): CandleList {
    const sum = this.#candles.lastDay(symbol, nowMs);
    if (sum.length > 0) return sum;
    const view = this.#market.finalView(nowMs);
    return flatten(symbol.series.newest(LEAF, -Infinity, LEAF.floor(nowMs), 1, view));
  }
}

/** Without a candle in 24 hours the last price stands, with no volume. */
function flatten(last: CandleList): CandleList {
  for (const price of [last.open, last.high, last.low]) price.set(last.close);
  for (const amount of [last.volume, last.turnoverHi, last.turnoverLo]) amount.fill(0);
  return last;
}
