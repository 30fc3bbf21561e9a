import type { TimeRange } from './time-range.js';
import { openTimeMs, timeframeMs, type Timeframe } from './timeframe.js';

/** Every candle closes on a boundary of the shortest timeframe. */
const SHORTEST: Timeframe = '5m';

/** Closes longer ago than this are not looked back for: a disconnect hands them over, ms. */
const LOOK_BACK_MS = 3_600_000;

/** Closes that are told at first. */
const FIRST_CLOSES = 2;

/** Closes by the venue's clock: later than `afterMs`, up to and with `untilMs`. */
export interface Closes {
  readonly afterMs: number;
  readonly untilMs: number;
}

/** Tells when candles have closed, by the venue's clock alone. */
export class CloseWatch {
  readonly #delayMs: number;
  #toldMs: number | undefined;

  /** @param delayMs how long after a close it is told */
  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  /**
   * @param venueTimeMs never less than at the call before
   * @returns the closes that are to be told now; undefined when there are none. The first call tells the
   *   last two: whoever watched before may have ended before it came to them.
   */
  advance(venueTimeMs: number): Closes | undefined {
    const untilMs = openTimeMs(SHORTEST, venueTimeMs - this.#delayMs);
    const afterMs = this.#toldMs;
    if (afterMs !== undefined && untilMs <= afterMs) return undefined;
    this.#toldMs = untilMs;
    const sinceMs = afterMs ?? untilMs - FIRST_CLOSES * timeframeMs(SHORTEST);
    return { afterMs: Math.max(sinceMs, untilMs - LOOK_BACK_MS), untilMs };
  }
}

/** The candles of a timeframe, by open time, that these closes ended; undefined: none. */
export function closedBy(
  timeframe: Timeframe,
  { afterMs, untilMs }: Closes,
): TimeRange | undefined {
  const fromMs = openTimeMs(timeframe, afterMs);
  const toMs = openTimeMs(timeframe, untilMs);
  return fromMs < toMs ? { fromMs, toMs } : undefined;
}

/** The end of a candle, ms. */
export function closeTimeMs(timeframe: Timeframe, candleOpenMs: number): number {
  return candleOpenMs + timeframeMs(timeframe);
}
