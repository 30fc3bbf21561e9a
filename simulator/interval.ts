import { timeframeMs, type Timeframe } from '../domain/timeframe.js';

const MINUTE_MS = 60_000;
export const LEAF_MS = 5 * MINUTE_MS;
export const DAY_MS = 1440 * MINUTE_MS;
/** 1970-01-05, the first Monday: weeks open on Mondays. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** A candle length of the venue; `id` is the text of the `interval` parameter. */
export interface Interval {
  readonly id: string;
  /** Open time (ms) of the candle that holds the moment. */
  floor(timeMs: number): number;
  /** Open time (ms) of the candle after the one that opens at `openMs`. */
  next(openMs: number): number;
  /** Length in ms for lengths that divide the day; undefined for weeks and months. */
  readonly lengthMs?: number;
}

function fixedInterval(id: string, lengthMs: number): Interval {
  return {
    id,
    lengthMs,
    floor: (timeMs) => Math.floor(timeMs / lengthMs) * lengthMs,
    next: (openMs) => openMs + lengthMs,
  };
}

const WEEK: Interval = {
  id: 'W',
  floor: (timeMs) =>
    Math.floor((timeMs - FIRST_MONDAY_MS) / (7 * DAY_MS)) * 7 * DAY_MS + FIRST_MONDAY_MS,
  next: (openMs) => openMs + 7 * DAY_MS,
};

function monthStart(timeMs: number, monthsLater: number): number {
  const date = new Date(timeMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + monthsLater, 1);
}

const MONTH: Interval = {
  id: 'M',
  floor: (timeMs) => monthStart(timeMs, 0),
  next: (openMs) => monthStart(openMs, 1),
};

const MINUTE_INTERVALS = [1, 3, 5, 15, 30, 60, 120, 240, 360, 720];

const INTERVALS: ReadonlyMap<string, Interval> = new Map(
  [
    ...MINUTE_INTERVALS.map((minutes) => fixedInterval(String(minutes), minutes * MINUTE_MS)),
    fixedInterval('D', DAY_MS),
    WEEK,
    MONTH,
  ].map((interval) => [interval.id, interval]),
);

/** The interval of that id, or undefined when the venue has none. */
export function findInterval(id: string): Interval | undefined {
  return INTERVALS.get(id);
}

/** The venue's interval of one of M1's timeframes. */
export function intervalOf(timeframe: Timeframe): Interval {
  const lengthMs = timeframeMs(timeframe);
  const id = lengthMs === DAY_MS ? 'D' : String(lengthMs / MINUTE_MS);
  const interval = INTERVALS.get(id);
  if (interval === undefined) throw new Error(`the venue has no interval for ${timeframe}`);
  return interval;
}
