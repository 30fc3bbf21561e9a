import type { TimeRange, TimeRanges } from './time-range.js';
import { timeframeMs, type Timeframe } from './timeframe.js';
import type { Candles } from './candles.js';

/** The most candles that the venue gives in one answer. */
export const PAGE_CANDLES = 1000;

/**
 * The windows to ask for so that every candle of `todo` is asked exactly once.
 *
 * A window holds at most `limit` candles and starts on the grid. Neighbouring ranges share a window
 * when they fit, because a request costs the same for one candle as for a thousand; what lies
 * between them is then asked again, which storing tolerates.
 *
 * @param todo ranges on the timeframe's grid
 */
export function pageWindows(
  todo: TimeRanges,
  timeframe: Timeframe,
  limit: number = PAGE_CANDLES,
): TimeRange[] {
  const spanMs = limit * timeframeMs(timeframe);
  const windows: TimeRange[] = [];
  let current: { fromMs: number; toMs: number } | undefined;
  for (const range of todo) {
    let fromMs = range.fromMs;
    while (fromMs < range.toMs) {
      if (current === undefined || fromMs >= current.fromMs + spanMs) {
        if (current !== undefined) windows.push(current);
        current = { fromMs, toMs: fromMs };
      }
      const toMs = Math.min(range.toMs, current.fromMs + spanMs);
      current.toMs = toMs;
      fromMs = toMs;
    }
  }
  if (current !== undefined) windows.push(current);
  return windows;
}

/** A venue's answer for one window, checked and parsed, not yet judged. */
export interface CandlePage {
  /** What was asked for. */
  readonly window: TimeRange;
  /** The venue's clock in this answer, ms since 1970. */
  readonly venueTimeMs: number;
  /** Rows within the window only. */
  readonly candles: Candles;
  /** Open times of rows whose open, high, low or close was null or empty. */
  readonly skippedMs: readonly number[];
}
