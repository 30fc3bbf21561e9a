import { CandleList } from './candle-list.js';
import { DAY_MS, findInterval, LEAF_MS, type Interval } from './interval.js';
import type { Market, MarketSymbol } from './market.js';
import { rollUpList } from './roll-up.js';
import { publishTicker, type Ticker } from './ticker.js';

const LEAF = findInterval('5') as Interval;
const LEAVES_IN_DAY = DAY_MS / LEAF_MS;

/**
 * Tickers computed from the 5-minute candles of the last 24 hours, the open one included. The window
 * moves in steps of 5 minutes; its closed part is summed once a step.
 */
export class TickerBoard {
  readonly #market: Market;
  readonly #closed = new Map<string, { key: string; sum: CandleList }>();

  constructor(market: Market) {
    this.#market = market;
  }

  /** The ticker of a symbol at the market's now. */
  ticker(symbol: MarketSymbol): Ticker {
    const nowMs = this.#market.clock.nowMs();
    const view = { ...this.#market.view(), nowMs, hideFromMs: Infinity, amendAfterMs: 0 };
    const openMs = LEAF.floor(nowMs);
    const parts = new CandleList(2);
    const closed = this.#closedPart(symbol, openMs);
    const open = symbol.series.oldest(LEAF, openMs, openMs, 1, view);
    for (const part of [closed, open]) if (part.length > 0) parts.copy(part, 0);
    const sum = new CandleList(1);
    rollUpList(parts, openMs, sum);
    if (sum.length > 0) return publishTicker(symbol, sum, this.#market.quirks, nowMs);
    const last = flatten(symbol.series.newest(LEAF, -Infinity, openMs, 1, view));
    return publishTicker(symbol, last, this.#market.quirks, nowMs);
  }

  /** One candle, or none, that sums up the closed candles of the last 24 hours. */
  #closedPart(symbol: MarketSymbol, openMs: number): CandleList {
    const key = `${openMs}/${symbol.revision}/${this.#market.quirks.emptyCandles}`;
    const known = this.#closed.get(symbol.symbol);
    if (known?.key === key) return known.sum;
    const view = { ...this.#market.view(), nowMs: openMs, hideFromMs: openMs, amendAfterMs: 0 };
    const fromMs = openMs - DAY_MS + LEAF_MS;
    const sum = new CandleList(1);
    rollUpList(symbol.series.oldest(LEAF, fromMs, openMs - 1, LEAVES_IN_DAY, view), fromMs, sum);
    this.#closed.set(symbol.symbol, { key, sum });
    return sum;
  }
}

/** Without a candle in 24 hours the last price stands, with no volume. */
function flatten(last: CandleList): CandleList {
  for (const price of [last.open, last.high, last.low]) price.set(last.close);
  for (const amount of [last.volume, last.turnoverHi, last.turnoverLo]) amount.fill(0);
  return last;
}
