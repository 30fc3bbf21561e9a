import { DAY_MS } from './interval.js';

/** Turnovers pass 2^53, so they are kept as hi * TURNOVER_BASE + lo, with lo below the base. */
export const TURNOVER_BASE = 1e15;

/**
 * The candles of one UTC day in columns, reused from day to day. Prices are whole ticks, volumes
 * whole lots, turnovers ticks times lots: integers, so that every sum is exact.
 */
export class CandleDay {
  readonly size: number;
  startMs = 0;
  readonly stepMs: number;
  /** How much of the candle the market has shown, ms; 0 = no such candle, stepMs = all of it. */
  readonly shownMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  /** Price, in ticks, at which the candle's whole volume counts into the turnover. */
  readonly average: Float64Array;
  readonly turnoverHi: Float64Array;
  readonly turnoverLo: Float64Array;
  /** 1 where the candle exists. Apart from shownMs, because a candle just opened has shown 0 ms. */
  readonly exists: Uint8Array;

  constructor(stepMs: number) {
    const size = DAY_MS / stepMs;
    this.stepMs = stepMs;
    this.size = size;
    this.exists = new Uint8Array(size);
    this.shownMs = new Float64Array(size);
    this.open = new Float64Array(size);
    this.high = new Float64Array(size);
    this.low = new Float64Array(size);
    this.close = new Float64Array(size);
    this.volume = new Float64Array(size);
    this.average = new Float64Array(size);
    this.turnoverHi = new Float64Array(size);
    this.turnoverLo = new Float64Array(size);
  }

  /** Starts another day: every candle absent, and shown in full once it is filled in. */
  clear(startMs: number): void {
    this.startMs = startMs;
    this.exists.fill(0);
    this.shownMs.fill(this.stepMs);
  }

  /** Sets the turnover of candle `i` to average price times volume, exactly. */
  settleTurnover(i: number): void {
    const product = (this.average[i] as number) * (this.volume[i] as number);
    if (product < TURNOVER_BASE) {
      this.turnoverHi[i] = 0;
      this.turnoverLo[i] = product;
      return;
    }
    const exact = BigInt(this.average[i] as number) * BigInt(this.volume[i] as number);
    this.turnoverHi[i] = Number(exact / BigInt(TURNOVER_BASE));
    this.turnoverLo[i] = Number(exact % BigInt(TURNOVER_BASE));
  }
}

/** Where the final 5-minute candles of a symbol come from. */
export interface CandleSource {
  /** Number that decides the path of prices inside each 5-minute candle. */
  readonly pathSeed: number;
  /** Fills the final candles of the day that starts at `startMs` into `day`. */
  fillDay(startMs: number, day: CandleDay): void;
}
