import type { CandleDay, CandleSource } from './candle-day.js';
import { hash32, SeededSequence, unitHash } from './hash.js';
import { DAY_MS } from './interval.js';

/** What a symbol's synthetic market looks like; prices in ticks, volumes in lots. */
export interface SyntheticCharacter {
  readonly seed: number;
  /** Seed shared by all symbols, for days that are busy or quiet on the whole market. */
  readonly marketSeed: number;
  readonly basePrice: number;
  /** 1 = an ordinary coin, 0.01 = a stablecoin. */
  readonly volatility: number;
  /** Turnover of an average 5-minute candle, in ticks times lots. */
  readonly leafTurnover: number;
  /** Share of 5-minute candles without any trade. */
  readonly emptyShare: number;
}

/** Swings of the day-to-day price: [period in days, amplitude]. */
const SWINGS: readonly (readonly [number, number])[] = [
  [512, 0.5],
  [128, 0.25],
  [32, 0.12],
  [8, 0.06],
  [2, 0.03],
];
const STEP_SIZE = 0.0012;
const WICK_SIZE = 0.0015;
const LOWEST_PRICE = 2;

/**
 * Candles computed from the seed alone. The price at each midnight is a sum of swings, the day in
 * between a walk bent to end on the next midnight's price; so any day costs the same, however old,
 * nothing is remembered, and each candle opens where the one before it closed.
 */
export class SyntheticCandles implements CandleSource {
  readonly pathSeed: number;
  readonly #character: SyntheticCharacter;
  readonly #sequence = new SeededSequence();
  readonly #walk = new Float64Array(DAY_MS / 300_000 + 1);

  constructor(character: SyntheticCharacter) {
    this.#character = character;
    this.pathSeed = hash32(character.seed, 0x7061);
  }

  fillDay(startMs: number, day: CandleDay): void {
    const { seed, basePrice, volatility, emptyShare } = this.#character;
    const dayIndex = startMs / DAY_MS;
    const first = this.#midnightPrice(dayIndex);
    const last = this.#midnightPrice(dayIndex + 1);
    const sequence = this.#sequence;
    sequence.reseed(hash32(seed, dayIndex));
    const step = basePrice * STEP_SIZE * volatility;
    const wick = basePrice * WICK_SIZE * volatility;
    const drift = this.#bendWalk(day.size, step, last - first);
    const leafTurnover = this.#character.leafTurnover * this.#marketMood(dayIndex);
    const end = day.size - 1;
    let price = first;
    let weight = 1;
    for (let i = 0; i <= end; i++) {
      // every second candle completes the one before, so a day's turnover keeps the symbol's rank
      weight = i % 2 === 0 ? 0.1 + 1.8 * sequence.next() : 2 - weight;
      const open = price;
      // the last candle always trades: it has to arrive at the next midnight's price
      if (emptyShare > 0 && i < end && sequence.next() < emptyShare) {
        this.#setCandle(day, i, open, open, open, open, 0);
        continue;
      }
      const bent = Math.round(first + drift * (i + 1) + step * (this.#walk[i + 1] as number));
      price = i === end ? last : Math.max(LOWEST_PRICE, bent);
      const up = sequence.next();
      const down = sequence.next();
      const high = Math.max(open, price) + Math.floor(up * up * wick);
      const low = Math.max(1, Math.min(open, price) - Math.floor(down * down * wick));
      this.#setCandle(day, i, open, high, low, price, leafTurnover * weight);
    }
  }

  #setCandle(
    day: CandleDay,
    i: number,
    open: number,
    high: number,
    low: number,
    close: number,
    turnover: number,
  ): void {
    const average = Math.floor((open + high + low + close) / 4);
    day.exists[i] = 1;
    day.open[i] = open;
    day.high[i] = high;
    day.low[i] = low;
    day.close[i] = close;
    day.average[i] = average;
    day.volume[i] = turnover === 0 ? 0 : 1 + Math.floor(turnover / average);
    day.settleTurnover(i);
  }

  /** Draws the day's walk; returns the drift per step that makes it end `rise` ticks higher. */
  #bendWalk(steps: number, step: number, rise: number): number {
    const walk = this.#walk;
    let sum = 0;
    for (let i = 1; i <= steps; i++) {
      sum += this.#sequence.next() + this.#sequence.next() - 1;
      walk[i] = sum;
    }
    return (rise - step * sum) / steps;
  }

  #midnightPrice(dayIndex: number): number {
    const { seed, basePrice, volatility } = this.#character;
    let price = basePrice;
    for (let i = 0; i < SWINGS.length; i++) {
      const [period, amplitude] = SWINGS[i] as readonly [number, number];
      const place = dayIndex / period;
      const left = Math.floor(place);
      const swingSeed = hash32(seed, i + 1);
      const a = unitHash(swingSeed, left);
      const b = unitHash(swingSeed, left + 1);
      const swing = 2 * (a + (b - a) * (place - left)) - 1;
      price *= 1 + amplitude * volatility * swing;
    }
    return Math.max(LOWEST_PRICE, Math.round(price));
  }

  /** Common to all symbols, so that it never changes their order by turnover. */
  #marketMood(dayIndex: number): number {
    return 0.7 + 0.6 * unitHash(this.#character.marketSeed, dayIndex);
  }
}
