import { pageWindows } from './page.js';
import { closedUntilMs } from './settle.js';
import type { SeriesState } from './stores.js';
import { intersect, subtract, union, type TimeRange, type TimeRanges } from './time-range.js';
import { openTimeAtOrAfterMs, timeframeMs, type Timeframe } from './timeframe.js';

/** The candles of `range` (by open time) that are final at `venueTimeMs`, as a span on the grid. */
export function closedWithin(
  timeframe: Timeframe,
  range: TimeRange,
  venueTimeMs: number,
): TimeRanges {
  const fromMs = openTimeAtOrAfterMs(timeframe, range.fromMs);
  const toMs = Math.min(
    openTimeAtOrAfterMs(timeframe, range.toMs),
    closedUntilMs(timeframe, venueTimeMs),
  );
  return fromMs < toMs ? [{ fromMs, toMs }] : [];
}

export interface TodoOptions {
  readonly range: TimeRange;
  /** The venue's clock, ms. */
  readonly venueTimeMs: number;
  /** Ask again only for what an earlier run recorded as failed. */
  readonly onlyFailed: boolean;
}

/**
 * What is still to be asked of a series: wanted, less what is settled, plus gaps that are due. What is
 * no longer kept is not wanted.
 */
export function todo(state: SeriesState, options: TodoOptions): TimeRanges {
  const { fromMs, toMs } = options.range;
  const kept = { fromMs: Math.max(fromMs, state.horizonMs ?? fromMs), toMs };
  const wanted = closedWithin(state.timeframe, kept, options.venueTimeMs);
  if (options.onlyFailed) return intersect(wanted, state.failed);
  return union(subtract(wanted, state.covered), intersect(wanted, state.due));
}

/**
 * The windows to ask for. When the last one ends at the newest closed candle of a range that goes
 * on, it takes the open candle along, which costs nothing.
 */
export function windowsFor(
  timeframe: Timeframe,
  ranges: TimeRanges,
  options: TodoOptions,
): TimeRange[] {
  const last = ranges.at(-1);
  const openEndMs = Math.min(
    openTimeAtOrAfterMs(timeframe, options.range.toMs),
    openTimeAtOrAfterMs(timeframe, options.venueTimeMs),
  );
  if (last === undefined || last.toMs !== closedUntilMs(timeframe, options.venueTimeMs)) {
    return pageWindows(ranges, timeframe);
  }
  const extended = { fromMs: last.fromMs, toMs: Math.max(last.toMs, openEndMs) };
  return pageWindows([...ranges.slice(0, -1), extended], timeframe);
}

/** How many candles of a timeframe fit into ranges on its grid. */
export function candleCount(timeframe: Timeframe, ranges: TimeRanges): number {
  return ranges.reduce(
    (sum, range) => sum + (range.toMs - range.fromMs) / timeframeMs(timeframe),
    0,
  );
}
