import type { CandleSlice, ListedGap, LiveCandleUpdate, UnfinishedParts } from '../../api.js';
import { timeframeMs, type Timeframe } from '../../../domain/timeframe.js';
import { mergeCandles, mergeGaps, type Candle } from './candle-points.js';

/** What the page knows of one series; grows with every slice. */
export class LoadedSeries {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  #candles: readonly Candle[] = [];
  #gaps: readonly ListedGap[] = [];
  #hasOlder = true;
  #unfinished: { readonly openMs: number; readonly parts: UnfinishedParts } | undefined;

  constructor(symbol: string, timeframe: Timeframe) {
    this.symbol = symbol;
    this.timeframe = timeframe;
  }

  get candles(): readonly Candle[] {
    return this.#candles;
  }

  get gaps(): readonly ListedGap[] {
    return this.#gaps;
  }

  /** False once a slice has shown that there is nothing before the candles that are known. */
  get hasOlder(): boolean {
    return this.#hasOlder;
  }

  get firstMs(): number | undefined {
    return this.#candles[0]?.[0];
  }

  /** Takes over an answer for the candles before `toMs`. */
  add({ candles, gaps, lastIsOpen }: CandleSlice, toMs = Infinity): void {
    const fromMs = candles[0]?.[0];
    if (fromMs === undefined && this.#candles.length > 0) this.#hasOlder = false;
    const openMs = lastIsOpen ? candles.at(-1)?.[0] : undefined;
    // what is followed already holds this reading and more
    const isFollowed = openMs !== undefined && openMs === this.#unfinished?.openMs;
    this.#candles = mergeCandles(this.#candles, isFollowed ? candles.slice(0, -1) : candles);
    if (!isFollowed) this.#noteUnfinished(candles, openMs);
    this.#gaps = mergeGaps(this.#gaps, gaps, fromMs ?? toMs, toMs);
  }

  /** Takes over the newest candle; false when candles between it and the last one are not known. */
  follow({ candle, madeOf }: LiveCandleUpdate): boolean {
    const last = this.#candles.at(-1);
    if (last !== undefined && candle[0] < last[0]) return true;
    if (last === undefined || candle[0] > last[0] + timeframeMs(this.timeframe)) return false;
    const before = candle[0] === last[0] ? this.#candles.slice(0, -1) : this.#candles;
    this.#candles = [...before, candle];
    this.#unfinished = madeOf && { openMs: candle[0], parts: madeOf };
    return true;
  }

  /** What the candle of this open time is made of; undefined for one that is whole. */
  unfinishedAt(timeMs: number): UnfinishedParts | undefined {
    return this.#unfinished?.openMs === timeMs ? this.#unfinished.parts : undefined;
  }

  #noteUnfinished(candles: readonly Candle[], openMs: number | undefined): void {
    const known = this.#unfinished?.openMs;
    if (candles.some(([timeMs]) => timeMs === known)) this.#unfinished = undefined;
    if (openMs === undefined || openMs < (known ?? openMs)) return;
    this.#unfinished = { openMs, parts: { read: true, pricesSinceMs: undefined } };
  }

  gapAt(timeMs: number): ListedGap | undefined {
    return this.#gaps.find(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs);
  }

  candleAt(timeMs: number): Candle | undefined {
    return this.#candles.findLast(([openMs]) => openMs === timeMs);
  }
}
