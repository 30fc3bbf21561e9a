import { type CandleDay } from './candle-day.js';
import { hash32, SeededSequence } from './hash.js';
import { LEAF_MS } from './interval.js';

const MINUTES = 5;
const MINUTE_MS = LEAF_MS / MINUTES;

/** A candle as far as the market has shown it; ticks and lots. */
export interface PartialCandle {
  high: number;
  low: number;
  close: number;
  volume: number;
}

/**
 * How the price moves inside one 5-minute candle: five one-minute candles that add up to it exactly,
 * and the state of each at any moment. As time passes the high never falls, the low never rises and
 * the volume never shrinks, and all of it ends at the final candle.
 */
export class MinutePath {
  readonly #sequence = new SeededSequence();
  readonly open = new Float64Array(MINUTES);
  readonly high = new Float64Array(MINUTES);
  readonly low = new Float64Array(MINUTES);
  readonly close = new Float64Array(MINUTES);
  readonly volume = new Float64Array(MINUTES);
  readonly #highFirst = new Uint8Array(MINUTES);
  #average = 0;

  /** Lays the path of candle `i` of `day`; the same seed and candle give the same path. */
  load(day: CandleDay, i: number, pathSeed: number): void {
    this.#sequence.reseed(hash32(pathSeed, (day.startMs + i * day.stepMs) / LEAF_MS));
    this.#average = day.average[i] as number;
    this.#splitVolume(day.volume[i] as number);
    const active: number[] = [];
    for (let m = 0; m < MINUTES; m++) if ((this.volume[m] as number) > 0) active.push(m);
    this.#layCloses(day, i, active.at(-1));
    this.#layExtremes(day, i, active);
  }

  #splitVolume(total: number): void {
    const weights = [0, 0, 0, 0, 0].map(() => 0.2 + this.#sequence.next());
    const sum = weights.reduce((a, b) => a + b, 0);
    let share = 0;
    let given = 0;
    for (let m = 0; m < MINUTES; m++) {
      share += weights[m] as number;
      const upTo = m === MINUTES - 1 ? total : Math.floor((total * share) / sum);
      this.volume[m] = upTo - given;
      given = upTo;
    }
  }

  /** A minute without volume keeps its price; the last one with volume reaches the close. */
  #layCloses(day: CandleDay, i: number, lastActive: number | undefined): void {
    const [open, close] = [day.open[i] as number, day.close[i] as number];
    const [high, low] = [day.high[i] as number, day.low[i] as number];
    let price = open;
    for (let m = 0; m < MINUTES; m++) {
      this.open[m] = price;
      const noise = (this.#sequence.next() - 0.5) * (high - low);
      if (m === lastActive) price = close;
      else if ((this.volume[m] as number) > 0) {
        const way = Math.round(open + ((close - open) * (m + 1)) / MINUTES + noise);
        price = Math.min(high, Math.max(low, way));
      }
      this.close[m] = price;
    }
  }

  /** Each minute that trades spans the average price, so that its turnover fits its range. */
  #layExtremes(day: CandleDay, i: number, active: readonly number[]): void {
    const highest = active[Math.floor(this.#sequence.next() * active.length)];
    const lowest = active[Math.floor(this.#sequence.next() * active.length)];
    for (let m = 0; m < MINUTES; m++) {
      const [open, close] = [this.open[m] as number, this.close[m] as number];
      const trades = (this.volume[m] as number) > 0;
      const average = trades ? this.#average : open;
      this.high[m] = m === highest ? (day.high[i] as number) : Math.max(open, close, average);
      this.low[m] = m === lowest ? (day.low[i] as number) : Math.min(open, close, average);
      this.#highFirst[m] = this.#sequence.next() < 0.5 ? 1 : 0;
    }
  }

  /** The loaded candle after `elapsedMs` of its five minutes, written into `target`. */
  candleAt(elapsedMs: number, target: PartialCandle): void {
    const minute = Math.min(MINUTES - 1, Math.floor(elapsedMs / MINUTE_MS));
    this.minuteAt(minute, elapsedMs - minute * MINUTE_MS, target);
    for (let m = 0; m < minute; m++) {
      target.high = Math.max(target.high, this.high[m] as number);
      target.low = Math.min(target.low, this.low[m] as number);
      target.volume += this.volume[m] as number;
    }
  }

  /**
   * Minute `m` after `elapsedMs` of its 60 s: one third of the time to the first extreme, one third
   * to the other, one third to the close.
   */
  minuteAt(m: number, elapsedMs: number, target: PartialCandle): void {
    const share = Math.min(1, Math.max(0, elapsedMs / MINUTE_MS));
    const open = this.open[m] as number;
    target.close = target.high = target.low = open;
    // rounded up: a price can only have moved after a trade
    target.volume = Math.ceil((this.volume[m] as number) * share);
    if (target.volume === 0) return;
    this.#visit(target, this.#average);
    const highFirst = this.#highFirst[m] === 1;
    const [high, low] = [this.high[m] as number, this.low[m] as number];
    const stops = [open, highFirst ? high : low, highFirst ? low : high, this.close[m] as number];
    const leg = Math.min(2, Math.floor(share * 3));
    for (let passed = 1; passed <= leg; passed++) this.#visit(target, stops[passed] as number);
    const [from, to] = [stops[leg] as number, stops[leg + 1] as number];
    const price = Math.round(from + (to - from) * (share * 3 - leg));
    this.#visit(target, price);
    target.close = price;
  }

  #visit(target: PartialCandle, price: number): void {
    if (price > target.high) target.high = price;
    if (price < target.low) target.low = price;
  }
}
