import type { CandleSlice, ListedGap } from '../../api.js';
import { timeframeMs, type Timeframe } from '../../../domain/timeframe.js';

export type Candle = CandleSlice['candles'][number];

/** A place on the time axis; without a candle it is left blank. */
export interface Point {
  readonly timeMs: number;
  readonly candle: Candle | undefined;
}

/** Blank places of one hole at most: a hole of a year must not push everything else out of sight. */
export const MOST_BLANKS = 60;

/** Both, oldest first; where both know a candle, that of `fresh`. */
export function mergeCandles(
  known: readonly Candle[],
  fresh: readonly Candle[],
): readonly Candle[] {
  const byTime = new Map([...known, ...fresh].map((candle) => [candle[0], candle]));
  return [...byTime.values()].sort(([a], [b]) => a - b);
}

/** `fresh` for the time from `fromMs` to `toMs`, which it is about; what was known for the rest. */
export function mergeGaps(
  known: readonly ListedGap[],
  fresh: readonly ListedGap[],
  fromMs: number,
  toMs: number,
): readonly ListedGap[] {
  const again = new Set(fresh.map((gap) => gap.fromMs));
  const kept = known.filter(
    (gap) => (gap.toMs <= fromMs || gap.fromMs >= toMs) && !again.has(gap.fromMs),
  );
  return [...kept, ...fresh].sort((a, b) => a.fromMs - b.fromMs);
}

/** The places of `candles`, with blank ones where candles are missing between them. */
export function pointsOf(candles: readonly Candle[], timeframe: Timeframe): readonly Point[] {
  const lengthMs = timeframeMs(timeframe);
  return candles.flatMap((candle, index) => {
    const before = candles[index - 1]?.[0];
    const blanks = before === undefined ? [] : blankTimes(before, candle[0], lengthMs);
    return [
      ...blanks.map((timeMs) => ({ timeMs, candle: undefined })),
      { timeMs: candle[0], candle },
    ];
  });
}

/** Open times between two candles; of a long hole its two ends. */
function blankTimes(beforeMs: number, afterMs: number, lengthMs: number): readonly number[] {
  const missing = Math.max(0, Math.round((afterMs - beforeMs) / lengthMs) - 1);
  const half = MOST_BLANKS / 2;
  const places =
    missing <= MOST_BLANKS
      ? Array.from({ length: missing }, (_, index) => index)
      : Array.from({ length: MOST_BLANKS }, (_, i) => (i < half ? i : missing - MOST_BLANKS + i));
  return places.map((place) => beforeMs + (place + 1) * lengthMs);
}

/** First and last place of `times` (ascending) within a gap; undefined when none is. */
export function placesOf(
  times: readonly number[],
  { fromMs, toMs }: Pick<ListedGap, 'fromMs' | 'toMs'>,
): readonly [number, number] | undefined {
  const first = firstAtOrAfter(times, fromMs);
  const last = firstAtOrAfter(times, toMs) - 1;
  return first <= last ? [first, last] : undefined;
}

function firstAtOrAfter(times: readonly number[], timeMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? Infinity) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

const MOST_DECIMALS = 10;

/** Decimals that show the closes of `candles` as they are. */
export function priceDecimals(candles: readonly Candle[]): number {
  const closes = candles.slice(-100).map((candle) => candle[4]);
  for (let decimals = 0; decimals < MOST_DECIMALS; decimals++) {
    if (closes.every((close) => Number(close.toFixed(decimals)) === close)) return decimals;
  }
  return MOST_DECIMALS;
}
