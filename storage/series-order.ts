import type { Series } from '../domain/series.js';

/** One text a series. */
export function seriesKey({ symbol, timeframe }: Series): string {
  return `${symbol} ${timeframe}`;
}

/**
 * The order in which several series are written and locked: the same in every writer, so that two
 * can never wait for each other.
 */
export function inLockOrder<T extends Series>(series: readonly T[]): T[] {
  return [...series].sort((a, b) => order(a.symbol, b.symbol) || order(a.timeframe, b.timeframe));
}

function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
