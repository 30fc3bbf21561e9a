import { CandleList } from './candle-list.js';
import type { CandleView } from './candle-series.js';
import { DAY_MS, findInterval, LEAF_MS, type Interval } from './interval.js';
import { LeafPath } from './leaf-path.js';
import type { Market, MarketSymbol } from './market.js';
import { rollUpList } from './roll-up.js';

/** What is known of a symbol between two 5-minute boundaries. */
interface LeafState {
  readonly leafMs: number;
  readonly revision: number;
  readonly emptyCandles: CandleView['emptyCandles'];
  /** The open 5-minute candle; undefined when the symbol has none. */
  readonly leaf: LeafPath | undefined;
  /** By interval id: the closed 5-minute candles of the open candle as one, or none. */
  readonly closed: Map<string, CandleList>;
  /** The closed candles of the last 24 hours as one, or none. */
  closedDay: CandleList | undefined;
}

const LEAF = findInterval('5') as Interval;
const LEAVES_IN_DAY = DAY_MS / LEAF_MS;

/**
 * The candles that are open at a moment, equal to those of CandleSeries but cheap to ask again: what
 * is closed is summed once per 5-minute boundary, so that only the open 5 minutes remain. Lag and
 * late amendments do not count.
 */
export class OpenCandles {
  readonly #market: Market;
  readonly #states = new Map<string, LeafState>();

  constructor(market: Market) {
    this.#market = market;
  }

  /** The candle of that interval that is open at `nowMs`: one candle, or none. */
  candle(symbol: MarketSymbol, interval: Interval, nowMs: number): CandleList {
    const openMs = interval.floor(nowMs);
    if (interval.lengthMs !== undefined && interval.lengthMs < LEAF_MS) {
      return symbol.series.oldest(interval, openMs, openMs, 1, this.#view(nowMs, Infinity));
    }
    const state = this.#state(symbol, nowMs);
    let closed = state.closed.get(interval.id);
    if (closed === undefined) {
      const view = this.#view(state.leafMs, state.leafMs);
      closed = symbol.series.oldest(interval, openMs, openMs, 1, view);
      state.closed.set(interval.id, closed);
    }
    return this.#withOpenLeaf(state, closed, openMs, nowMs);
  }

  /** The 24 hours up to `nowMs` as one candle, or none; their start moves in steps of 5 minutes. */
  lastDay(symbol: MarketSymbol, nowMs: number): CandleList {
    const state = this.#state(symbol, nowMs);
    state.closedDay ??= this.#sumClosedDay(symbol, state.leafMs);
    return this.#withOpenLeaf(state, state.closedDay, state.leafMs, nowMs);
  }

  #sumClosedDay(symbol: MarketSymbol, leafMs: number): CandleList {
    const fromMs = leafMs - DAY_MS + LEAF_MS;
    const view = this.#view(leafMs, leafMs);
    const candles = symbol.series.oldest(LEAF, fromMs, leafMs - 1, LEAVES_IN_DAY, view);
    const sum = new CandleList(1);
    rollUpList(candles, fromMs, sum);
    return sum;
  }

  #withOpenLeaf(state: LeafState, closed: CandleList, openMs: number, nowMs: number): CandleList {
    const parts = new CandleList(2);
    if (closed.length > 0) parts.copy(closed, 0);
    state.leaf?.show(nowMs - state.leafMs, state.emptyCandles, parts);
    const sum = new CandleList(1);
    rollUpList(parts, openMs, sum);
    return sum;
  }

  #state(symbol: MarketSymbol, nowMs: number): LeafState {
    const leafMs = LEAF.floor(nowMs);
    const { emptyCandles } = this.#market.quirks;
    const known = this.#states.get(symbol.symbol);
    if (
      known?.leafMs === leafMs &&
      known.revision === symbol.revision &&
      known.emptyCandles === emptyCandles
    ) {
      return known;
    }
    const leaf = known?.leaf ?? new LeafPath();
    const state: LeafState = {
      leafMs,
      revision: symbol.revision,
      emptyCandles,
      leaf: symbol.series.layLeaf(leafMs, leaf) ? leaf : undefined,
      closed: new Map(),
      closedDay: undefined,
    };
    this.#states.set(symbol.symbol, state);
    return state;
  }

  #view(nowMs: number, hideFromMs: number): CandleView {
    return { ...this.#market.finalView(nowMs), hideFromMs };
  }
}
