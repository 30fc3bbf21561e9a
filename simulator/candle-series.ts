import { CandleDay, type CandleSource } from './candle-day.js';
import { CandleList } from './candle-list.js';
import { DAY_MS, LEAF_MS, type Interval } from './interval.js';
import type { LeafPath } from './leaf-path.js';
import { MinutePath, type PartialCandle } from './minute-path.js';
import { rollUpDay, rollUpList } from './roll-up.js';

/** A stretch of time, `toMs` excluded. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A 5-minute candle that is published without its last trades until `untilMs` (market clock). */
export interface Amendment {
  readonly openTimeMs: number;
  readonly untilMs: number;
}

/** When a symbol's candles exist. */
export interface Listing {
  /** First moment of trading, ms; its 5-minute candle is the first one. */
  readonly listedMs: number;
  /** No candle opens at or after this moment; Infinity = still trading. */
  readonly delistedMs: number;
  readonly holes: readonly Span[];
  readonly amendments: readonly Amendment[];
}

/** As what the candles are looked at. */
export interface CandleView {
  /** The moment up to which trades are known, ms; Infinity shows every candle in its final form. */
  readonly nowMs: number;
  /** Candles that open at or after this moment are not shown (a replica that lags). */
  readonly hideFromMs: number;
  /** For so long after its end a 5-minute candle lacks its last trades; 0 = never. */
  readonly amendAfterMs: number;
  /** How much of such a candle is missing, ms from its end. */
  readonly amendCutMs: number;
  /** Candles without a trade: published flat, or left out. */
  readonly emptyCandles: 'flat' | 'omit';
  /** False leaves out the listing's own amendments (the truth). */
  readonly amendments: boolean;
}

/** The candles as they really are at `nowMs`: no lag, no late amendment. */
export function finalView(nowMs: number, emptyCandles: CandleView['emptyCandles']): CandleView {
  return {
    nowMs,
    hideFromMs: Infinity,
    amendAfterMs: 0,
    amendCutMs: 0,
    emptyCandles,
    amendments: false,
  };
}

const MINUTE_MS = 60_000;
const MINUTES_IN_LEAF = LEAF_MS / MINUTE_MS;

/** The candles of one symbol in every interval, computed when asked for. */
export class CandleSeries {
  readonly #source: CandleSource;
  readonly #listing: () => Listing;
  // shared by all series: every use is synchronous and fills it anew
  static readonly #leaves = new CandleDay(LEAF_MS);
  static readonly #minutes = new CandleDay(MINUTE_MS);
  static readonly #path = new MinutePath();
  static readonly #chunk = new CandleList();
  static readonly #days = new CandleList();

  constructor(source: CandleSource, listing: () => Listing) {
    this.#source = source;
    this.#listing = listing;
  }

  /** The oldest `limit` candles that open in [fromMs, toMs], oldest first. */
  oldest(
    interval: Interval,
    fromMs: number,
    toMs: number,
    limit: number,
    view: CandleView,
  ): CandleList {
    const { low, high } = this.#bounds(interval, fromMs, toMs, view);
    const found = new CandleList(Math.min(limit, 1024));
    for (let start = chunkStart(interval, low); start <= high; start = chunkEnd(interval, start)) {
      const chunk = this.#chunkOf(interval, start, view);
      for (let i = 0; i < chunk.length; i++) {
        const openMs = chunk.openMs[i] as number;
        if (openMs < low || openMs > high) continue;
        if (found.length === limit) return found;
        found.copy(chunk, i);
      }
    }
    return found;
  }

  /** The newest `limit` candles that open in [fromMs, toMs], newest first. */
  newest(
    interval: Interval,
    fromMs: number,
    toMs: number,
    limit: number,
    view: CandleView,
  ): CandleList {
    const { low, high } = this.#bounds(interval, fromMs, toMs, view);
    const found = new CandleList(Math.min(limit, 1024));
    if (high < low) return found;
    const oldestChunk = chunkStart(interval, low);
    for (
      let start = chunkStart(interval, high);
      start >= oldestChunk;
      start = chunkStart(interval, start - 1)
    ) {
      const chunk = this.#chunkOf(interval, start, view);
      for (let i = chunk.length - 1; i >= 0; i--) {
        const openMs = chunk.openMs[i] as number;
        if (openMs < low || openMs > high) continue;
        if (found.length === limit) return found;
        found.copy(chunk, i);
      }
    }
    return found;
  }

  /** Loads the 5-minute candle that opens at `openMs` into `leaf`; false when there is none. */
  layLeaf(openMs: number, leaf: LeafPath): boolean {
    const leaves = CandleSeries.#leaves;
    const dayMs = Math.floor(openMs / DAY_MS) * DAY_MS;
    leaves.clear(dayMs);
    this.#source.fillDay(dayMs, leaves);
    this.#limitToView(leaves, finalView(openMs, 'flat'));
    const i = (openMs - dayMs) / LEAF_MS;
    if (leaves.exists[i] === 0) return false;
    leaf.load(leaves, i, this.#source.pathSeed);
    return true;
  }

  /** Narrows a window to where candles can be at all, so that no walk is endless. */
  #bounds(
    interval: Interval,
    fromMs: number,
    toMs: number,
    view: CandleView,
  ): { low: number; high: number } {
    const listing = this.#listing();
    const lastMs = Math.min(toMs, view.nowMs, view.hideFromMs - 1, listing.delistedMs - 1);
    return { low: Math.max(fromMs, interval.floor(listing.listedMs)), high: lastMs };
  }

  /** All candles of one chunk (a day, or the week or month itself), oldest first. */
  #chunkOf(interval: Interval, startMs: number, view: CandleView): CandleList {
    const chunk = CandleSeries.#chunk;
    chunk.length = 0;
    if (interval.lengthMs !== undefined) {
      this.#rollUp(startMs, interval.lengthMs, view, chunk);
      return chunk;
    }
    const days = CandleSeries.#days;
    days.length = 0;
    const end = Math.min(interval.next(startMs), view.nowMs + 1);
    for (let day = startMs; day < end; day += DAY_MS) this.#rollUp(day, DAY_MS, view, days);
    rollUpList(days, startMs, chunk);
    return chunk;
  }

  #rollUp(dayMs: number, lengthMs: number, view: CandleView, out: CandleList): void {
    const leaves = CandleSeries.#leaves;
    leaves.clear(dayMs);
    this.#source.fillDay(dayMs, leaves);
    this.#limitToView(leaves, view);
    if (lengthMs < LEAF_MS) {
      this.#splitIntoMinutes(leaves, view);
      rollUpDay(CandleSeries.#minutes, lengthMs / MINUTE_MS, out);
      return;
    }
    this.#cutLeaves(leaves, view);
    rollUpDay(leaves, lengthMs / LEAF_MS, out);
  }

  /** Takes out the candles that the view does not show and notes how much of the others it does. */
  #limitToView(leaves: CandleDay, view: CandleView): void {
    const { listedMs, delistedMs, holes, amendments } = this.#listing();
    const firstMs = Math.floor(listedMs / LEAF_MS) * LEAF_MS;
    const endMs = Math.min(delistedMs, view.hideFromMs);
    const dayEndMs = leaves.startMs + DAY_MS;
    const plain = holes.length === 0 && amendments.length === 0 && view.emptyCandles === 'flat';
    const settled = dayEndMs + view.amendAfterMs <= view.nowMs;
    if (plain && settled && leaves.startMs >= firstMs && dayEndMs <= endMs) return;
    for (let i = 0; i < leaves.size; i++) {
      const openMs = leaves.startMs + i * LEAF_MS;
      const inHole = holes.some((hole) => openMs >= hole.fromMs && openMs < hole.toMs);
      const inTime = openMs >= firstMs && openMs < endMs && openMs <= view.nowMs;
      if (!inTime || inHole) {
        leaves.exists[i] = 0;
        continue;
      }
      leaves.shownMs[i] = shownOf(openMs, view, amendments);
      if (view.emptyCandles === 'omit' && leaves.volume[i] === 0) leaves.exists[i] = 0;
    }
  }

  #cutLeaves(leaves: CandleDay, view: CandleView): void {
    const partial: PartialCandle = { high: 0, low: 0, close: 0, volume: 0 };
    for (let i = 0; i < leaves.size; i++) {
      if (leaves.exists[i] === 0 || leaves.shownMs[i] === LEAF_MS) continue;
      CandleSeries.#path.load(leaves, i, this.#source.pathSeed);
      CandleSeries.#path.candleAt(leaves.shownMs[i] as number, partial);
      leaves.high[i] = partial.high;
      leaves.low[i] = partial.low;
      leaves.close[i] = partial.close;
      leaves.volume[i] = partial.volume;
      leaves.settleTurnover(i);
      if (view.emptyCandles === 'omit' && partial.volume === 0) leaves.exists[i] = 0;
    }
  }

  #splitIntoMinutes(leaves: CandleDay, view: CandleView): void {
    const minutes = CandleSeries.#minutes;
    const path = CandleSeries.#path;
    const partial: PartialCandle = { high: 0, low: 0, close: 0, volume: 0 };
    minutes.clear(leaves.startMs);
    for (let i = 0; i < leaves.size; i++) {
      if (leaves.exists[i] === 0) continue;
      path.load(leaves, i, this.#source.pathSeed);
      for (let m = 0; m < MINUTES_IN_LEAF; m++) {
        const shownMs = (leaves.shownMs[i] as number) - m * MINUTE_MS;
        if (shownMs < 0) break;
        const j = i * MINUTES_IN_LEAF + m;
        minutes.open[j] = path.open[m] as number;
        path.minuteAt(m, shownMs, partial);
        const whole = shownMs >= MINUTE_MS;
        minutes.high[j] = whole ? (path.high[m] as number) : partial.high;
        minutes.low[j] = whole ? (path.low[m] as number) : partial.low;
        minutes.close[j] = partial.close;
        minutes.volume[j] = partial.volume;
        minutes.average[j] = leaves.average[i] as number;
        minutes.settleTurnover(j);
        minutes.exists[j] = view.emptyCandles === 'omit' && partial.volume === 0 ? 0 : 1;
      }
    }
  }
}

/** How much of the 5-minute candle the view shows, ms. */
function shownOf(openMs: number, view: CandleView, amendments: readonly Amendment[]): number {
  const endMs = openMs + LEAF_MS;
  if (view.nowMs < endMs) return view.nowMs - openMs;
  const awaited =
    view.amendments &&
    amendments.some((each) => each.openTimeMs === openMs && view.nowMs < each.untilMs);
  return view.nowMs < endMs + view.amendAfterMs || awaited ? LEAF_MS - view.amendCutMs : LEAF_MS;
}

function chunkStart(interval: Interval, timeMs: number): number {
  if (interval.lengthMs === undefined) return interval.floor(timeMs);
  return Math.floor(timeMs / DAY_MS) * DAY_MS;
}

function chunkEnd(interval: Interval, startMs: number): number {
  return interval.lengthMs === undefined ? interval.next(startMs) : startMs + DAY_MS;
}
