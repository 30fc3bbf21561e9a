/**
 * Candles of one series as columns, because a backfill moves millions of them and objects would
 * cost memory and time at each end.
 *
 * Sorted by open time, no duplicates, every open time on the timeframe's grid. All columns have the
 * same length. Prices in the quote currency, `volume` in base, `turnover` in quote currency.
 */
export interface Candles {
  /** Open times, ms since 1970 UTC. */
  readonly openTimeMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  /** NaN where the venue gave none. */
  readonly turnover: Float64Array;
}

export function emptyCandles(length: number): Candles {
  return {
    openTimeMs: new Float64Array(length),
    open: new Float64Array(length),
    high: new Float64Array(length),
    low: new Float64Array(length),
    close: new Float64Array(length),
    volume: new Float64Array(length),
    turnover: new Float64Array(length),
  };
}

/** Candles from index `from` up to, not including, `to`; shares memory with `candles`. */
export function sliceCandles(candles: Candles, from: number, to: number): Candles {
  return {
    openTimeMs: candles.openTimeMs.subarray(from, to),
    open: candles.open.subarray(from, to),
    high: candles.high.subarray(from, to),
    low: candles.low.subarray(from, to),
    close: candles.close.subarray(from, to),
    volume: candles.volume.subarray(from, to),
    turnover: candles.turnover.subarray(from, to),
  };
}

/** The values of one candle, units as in `Candles`. */
export interface CandleValues {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** Null where the venue gave none. */
  readonly turnover: number | null;
}
