import { CandleDay } from './candle-day.js';
import type { CandleList } from './candle-list.js';
import { DAY_MS } from './interval.js';
import { MinutePath, type PartialCandle } from './minute-path.js';
import { rollUpDay } from './roll-up.js';

/**
 * One 5-minute candle, laid out once and then shown at as many moments as wanted: a stream looks at
 * the open candle of every symbol many times a second.
 */
export class LeafPath {
  readonly #path = new MinutePath();
  // one row with the columns and the exact turnover of a day
  readonly #row = new CandleDay(DAY_MS);
  readonly #partial: PartialCandle = { high: 0, low: 0, close: 0, volume: 0 };

  /** Takes candle `i` of `day`, whose values must be final. */
  load(day: CandleDay, i: number, pathSeed: number): void {
    this.#path.load(day, i, pathSeed);
    const row = this.#row;
    row.clear(day.startMs + i * day.stepMs);
    row.exists[0] = 1;
    row.open[0] = day.open[i] as number;
    row.average[0] = day.average[i] as number;
  }

  /** Appends to `out` the candle as it is `elapsedMs` after its opening; none without a trade when `omit`. */
  show(elapsedMs: number, emptyCandles: 'flat' | 'omit', out: CandleList): void {
    const [row, partial] = [this.#row, this.#partial];
    this.#path.candleAt(elapsedMs, partial);
    if (emptyCandles === 'omit' && partial.volume === 0) return;
    row.high[0] = partial.high;
    row.low[0] = partial.low;
    row.close[0] = partial.close;
    row.volume[0] = partial.volume;
    row.settleTurnover(0);
    rollUpDay(row, 1, out);
  }
}
