import type { LiveCandle } from '../domain/live-candle.js';
import type { Series } from '../domain/series.js';
import type { TimeRange } from '../domain/time-range.js';
import { timeframeMs } from '../domain/timeframe.js';
import { inLockOrder, seriesKey } from './series-order.js';

/** The candles of one series out of a batch. */
export interface CandlesOfSeries extends Series {
  /** By open time, at least one. */
  readonly candles: readonly LiveCandle[];
  /** From the first one's begin to the last one's end. */
  readonly period: TimeRange;
  /** None is missing between the first and the last. */
  readonly unbroken: boolean;
}

/** Sorts a batch by series, in the order in which they are written and locked. */
export function bySeries(batch: readonly LiveCandle[]): CandlesOfSeries[] {
  const groups = new Map<string, LiveCandle[]>();
  for (const candle of batch) {
    const key = seriesKey(candle);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [candle]);
    else group.push(candle);
  }
  return inLockOrder([...groups.values()].flatMap(candlesOfSeries));
}

function candlesOfSeries(group: readonly LiveCandle[]): CandlesOfSeries[] {
  const candles = [...group].sort((a, b) => a.openTimeMs - b.openTimeMs);
  const [first, last] = [candles[0], candles.at(-1)];
  if (first === undefined || last === undefined) return [];
  const { symbol, timeframe } = first;
  const lengthMs = timeframeMs(timeframe);
  const period = { fromMs: first.openTimeMs, toMs: last.openTimeMs + lengthMs };
  const unbroken = period.toMs - period.fromMs === candles.length * lengthMs;
  return [{ symbol, timeframe, candles, period, unbroken }];
}
