import type { Candles, CandleValues } from './candles.js';
import { differingValues, type TimedCandle } from './verify.js';

/** A candle that is stored otherwise than the exchange gives it. */
export interface Difference {
  readonly timeMs: number;
  readonly stored: CandleValues;
  /** Undefined: the exchange does not have it. */
  readonly venue: CandleValues | undefined;
}

/** The stored candles that an answer gives with other values or lacks. */
export function compareCandles(stored: readonly TimedCandle[], answer: Candles): Difference[] {
  const given = new Map<number, CandleValues>();
  answer.openTimeMs.forEach((timeMs, i) => given.set(timeMs, valuesAt(answer, i)));
  return stored.flatMap(({ timeMs, ...values }) => {
    const venue = given.get(timeMs);
    return venue !== undefined && isSame(values, venue) ? [] : [{ timeMs, stored: values, venue }];
  });
}

/** What both comparisons of the same stretch have found. */
export function agreedDifferences(
  first: readonly Difference[],
  second: readonly Difference[],
): Difference[] {
  return second.filter((one) =>
    first.some(
      (other) =>
        other.timeMs === one.timeMs &&
        (one.venue === undefined || other.venue === undefined
          ? one.venue === other.venue
          : isSame(one.venue, other.venue)),
    ),
  );
}

function isSame(a: CandleValues, b: CandleValues): boolean {
  return differingValues(a, b).length === 0;
}

function valuesAt(candles: Candles, i: number): CandleValues {
  const at = (column: Float64Array): number => column[i] ?? Number.NaN;
  const turnover = at(candles.turnover);
  return {
    open: at(candles.open),
    high: at(candles.high),
    low: at(candles.low),
    close: at(candles.close),
    volume: at(candles.volume),
    turnover: Number.isNaN(turnover) ? null : turnover,
  };
}
