import { sliceCandles, type Candles } from './candles.js';
import type { CandlePage } from './page.js';
import { normalise, subtract, type TimeRange, type TimeRanges } from './time-range.js';
import { openTimeMs, timeframeMs, type Timeframe } from './timeframe.js';

/**
 * An answer may come from a replica that lags, so a candle counts as closed only when it ended this
 * long before the answer's own clock, ms.
 */
export const CLOSE_SLACK_MS = 2_000;

/** What the venue answered, for whoever asks later why a candle is missing. */
export interface VenueAnswer {
  /** The venue's clock in it, ms. */
  readonly timeMs: number;
  /** What was asked for. */
  readonly window: TimeRange;
  /** All rows within the window. */
  readonly rows: number;
  /** From its first row to the end of its last one; undefined: it had none. */
  readonly held: TimeRange | undefined;
}

/** What a page proves: which candles are final, and which the venue did not have. */
export interface SettledPage {
  readonly window: TimeRange;
  /** Final candles, to be stored and covered. */
  readonly closed: Candles;
  /** The candle still open, when the page ends with it: stored, never covered. */
  readonly open: Candles;
  /** Closed spans of the window that this page settles: stored candles and holes. */
  readonly settled: TimeRanges;
  /** Closed spans without a row. */
  readonly holes: TimeRanges;
  /** Rows left out because a price was null or empty: neither settled nor a hole. */
  readonly skipped: number;
  /** Undefined for candles that the venue told unasked. */
  readonly answer?: VenueAnswer;
}

/** Open time up to which (exclusive) candles are final at the venue's time `venueTimeMs`. */
export function closedUntilMs(timeframe: Timeframe, venueTimeMs: number): number {
  return openTimeMs(timeframe, venueTimeMs - CLOSE_SLACK_MS);
}

/**
 * Judges a page by the clock that came with it. Pure: the same page gives the same verdict.
 *
 * @param window the part of the page to judge; default: all of it
 */
export function settlePage(
  page: CandlePage,
  timeframe: Timeframe,
  window: TimeRange = page.window,
): SettledPage {
  const length = timeframeMs(timeframe);
  const candles = candlesWithin(page.candles, window);
  const boundaryMs = Math.min(window.toMs, closedUntilMs(timeframe, page.venueTimeMs));
  const times = candles.openTimeMs;
  let closedCount = times.length;
  while (closedCount > 0 && (times[closedCount - 1] ?? 0) >= boundaryMs) closedCount--;
  // Only the candle that is open by the venue's own clock is kept: a row from its future is noise.
  let openEnd = closedCount;
  while (openEnd < times.length && (times[openEnd] ?? 0) <= page.venueTimeMs) openEnd++;

  const closedSpan =
    boundaryMs > window.fromMs ? [{ fromMs: window.fromMs, toMs: boundaryMs }] : [];
  const skippedMs = page.skippedMs.filter((timeMs) => isWithin(timeMs, window));
  const skipped = normalise(skippedMs.map((timeMs) => ({ fromMs: timeMs, toMs: timeMs + length })));
  const settled = subtract(closedSpan, skipped);
  const holes = subtract(settled, rowSpans(times.subarray(0, closedCount), length));
  return {
    window,
    closed: sliceCandles(candles, 0, closedCount),
    open: sliceCandles(candles, closedCount, openEnd),
    settled,
    holes,
    skipped: skippedMs.length,
    answer: {
      timeMs: page.venueTimeMs,
      window: page.window,
      rows: page.candles.openTimeMs.length,
      held: heldBy(page, length),
    },
  };
}

function heldBy({ candles: { openTimeMs: times } }: CandlePage, lengthMs: number) {
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  return { fromMs: first, toMs: last + lengthMs };
}

function candlesWithin(candles: Candles, window: TimeRange): Candles {
  const times = candles.openTimeMs;
  const begin = times.findIndex((timeMs) => timeMs >= window.fromMs);
  const end = times.findLastIndex((timeMs) => timeMs < window.toMs) + 1;
  if (begin === 0 && end === times.length) return candles;
  return sliceCandles(candles, begin < 0 ? end : begin, end);
}

function isWithin(timeMs: number, { fromMs, toMs }: TimeRange): boolean {
  return fromMs <= timeMs && timeMs < toMs;
}

/** The spans that sorted open times occupy. */
export function rowSpans(openTimesMs: Float64Array, lengthMs: number): TimeRanges {
  const spans: TimeRange[] = [];
  let fromMs: number | undefined;
  let toMs = 0;
  for (const timeMs of openTimesMs) {
    if (fromMs !== undefined && timeMs !== toMs) {
      spans.push({ fromMs, toMs });
      fromMs = timeMs;
    }
    fromMs ??= timeMs;
    toMs = timeMs + lengthMs;
  }
  if (fromMs !== undefined) spans.push({ fromMs, toMs });
  return spans;
}
