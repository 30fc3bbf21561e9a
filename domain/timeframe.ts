/** The candle lengths that M1 collects, shortest first. */
export const TIMEFRAMES = ['5m', '15m', '1h', '4h', '1d'] as const;

export type Timeframe = (typeof TIMEFRAMES)[number];

const MINUTE_MS = 60_000;

const LENGTH_MS: Readonly<Record<Timeframe, number>> = {
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '4h': 240 * MINUTE_MS,
  '1d': 1440 * MINUTE_MS,
};

/** Length of one candle, milliseconds. */
export function timeframeMs(timeframe: Timeframe): number {
  return LENGTH_MS[timeframe];
}

export function isTimeframe(text: string): text is Timeframe {
  return (TIMEFRAMES as readonly string[]).includes(text);
}

/**
 * Open time of the candle that holds the moment `timeMs` (ms since 1970, UTC).
 * All five timeframes divide the UTC day, so the grid is plain multiples of the length.
 */
export function openTimeMs(timeframe: Timeframe, timeMs: number): number {
  const length = LENGTH_MS[timeframe];
  return Math.floor(timeMs / length) * length;
}

/** The first open time at or after `timeMs`. */
export function openTimeAtOrAfterMs(timeframe: Timeframe, timeMs: number): number {
  const length = LENGTH_MS[timeframe];
  return Math.ceil(timeMs / length) * length;
}
