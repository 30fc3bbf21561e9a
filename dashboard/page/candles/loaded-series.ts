import type { CandleSlice, ListedGap } from '../../api.js';
import { timeframeMs, type Timeframe } from '../../../domain/timeframe.js';
import { mergeCandles, mergeGaps, type Candle } from './candle-points.js';

/** What the page knows of one series; grows with every slice. */
export class LoadedSeries {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  #candles: readonly Candle[] = [];
  #gaps: readonly ListedGap[] = [];
  #hasOlder = true;

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

  /** False once a slice has shown that there is nothing before what is known. */
  get hasOlder(): boolean {
    return this.#hasOlder;
  }

  get firstMs(): number | undefined {
    return this.#candles[0]?.[0];
  }

  /** Takes over an answer for the candles before `toMs`. */
  add({ candles, gaps }: CandleSlice, toMs = Infinity): void {
    const fromMs = candles[0]?.[0];
    if (fromMs === undefined) this.#hasOlder = false;
    this.#candles = mergeCandles(this.#candles, candles);
    this.#gaps = mergeGaps(this.#gaps, gaps, fromMs ?? toMs, toMs);
  }

  /** Takes over the newest candle; false when candles between it and the last one are not known. */
  follow(candle: Candle): boolean {
    const last = this.#candles.at(-1);
    if (last !== undefined && candle[0] < last[0]) return true;
    if (last === undefined || candle[0] > last[0] + timeframeMs(this.timeframe)) return false;
    const before = candle[0] === last[0] ? this.#candles.slice(0, -1) : this.#candles;
    this.#candles = [...before, candle];
    return true;
  }

  gapAt(timeMs: number): ListedGap | undefined {
    return this.#gaps.find(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs);
  }

  candleAt(timeMs: number): Candle | undefined {
    return this.#candles.findLast(([openMs]) => openMs === timeMs);
  }
}
