import { hash32, hashText } from './hash.js';

/** Mean time between trades: of the first thin pair, and so much more per rank, ms. */
const FIRST_THIN_MS = 3000;
const PER_RANK_MS = 150;

/**
 * When a pair trades, as a function of seed and market time: a busy one at every moment, a thin one
 * once in each period, at a moment of its own, the rarer the lower its rank.
 */
export class TradeRhythm {
  /** 0 = busy. */
  readonly #periodMs: number;
  readonly #seed: number;

  /** `busyPairs`: pairs of a rank below it are busy. */
  constructor(seed: number, pair: { symbol: string; rank: number }, busyPairs: number) {
    const beyond = pair.rank - busyPairs;
    this.#periodMs = beyond < 0 ? 0 : FIRST_THIN_MS + beyond * PER_RANK_MS;
    this.#seed = hash32(seed, hashText(pair.symbol));
  }

  get isBusy(): boolean {
    return this.#periodMs === 0;
  }

  /** The latest trade at or before the moment, ms. */
  lastTradeMs(nowMs: number): number {
    if (this.isBusy) return nowMs;
    const period = Math.floor(nowMs / this.#periodMs);
    const inThisPeriod = this.#tradeOf(period);
    return inThisPeriod <= nowMs ? inThisPeriod : this.#tradeOf(period - 1);
  }

  #tradeOf(period: number): number {
    return period * this.#periodMs + (hash32(this.#seed, period) % this.#periodMs);
  }
}

/** The rhythm of every pair. */
export class TradeRhythms {
  readonly #seed: number;
  readonly #busyPairs: number;
  readonly #known = new Map<string, TradeRhythm>();

  constructor(seed: number, busyPairs: number) {
    this.#seed = seed;
    this.#busyPairs = busyPairs;
  }

  of(pair: { symbol: string; rank: number }): TradeRhythm {
    let rhythm = this.#known.get(pair.symbol);
    if (rhythm === undefined) {
      rhythm = new TradeRhythm(this.#seed, pair, this.#busyPairs);
      this.#known.set(pair.symbol, rhythm);
    }
    return rhythm;
  }
}
