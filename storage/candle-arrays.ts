import { emptyCandles, type Candles } from '../domain/candles.js';
import type { LiveCandle } from '../domain/live-candle.js';

/** The rows of `a`, then those of `b`. */
export function joinCandles(a: Candles, b: Candles): Candles {
  if (b.openTimeMs.length === 0) return a;
  return eachColumn((column) => Float64Array.of(...a[column], ...b[column]));
}

/** The rows whose open time is wanted. */
export function pickCandles(candles: Candles, wanted: (openTimeMs: number) => boolean): Candles {
  const picked = candles.openTimeMs.map((timeMs) => (wanted(timeMs) ? 1 : 0));
  return eachColumn((column) => candles[column].filter((_, i) => picked[i] === 1));
}

/** The open times of rows that are in `b` with the same values. */
export function sameRows(a: Candles, b: Candles): Float64Array {
  const places = new Map(Array.from(b.openTimeMs, (timeMs, i) => [timeMs, i]));
  return a.openTimeMs.filter((timeMs, i) => {
    const place = places.get(timeMs);
    return place !== undefined && COLUMNS.every((name) => Object.is(a[name][i], b[name][place]));
  });
}

/** Single candles as columns, in the order given; their series are left out. */
export function candleColumns(live: readonly LiveCandle[]): Candles {
  const candles = emptyCandles(live.length);
  live.forEach((candle, i) => {
    for (const column of COLUMNS) candles[column][i] = candle[column];
  });
  return candles;
}

const COLUMNS = ['openTimeMs', 'open', 'high', 'low', 'close', 'volume', 'turnover'] as const;

function eachColumn(make: (column: keyof Candles) => Float64Array): Candles {
  return {
    openTimeMs: make('openTimeMs'),
    open: make('open'),
    high: make('high'),
    low: make('low'),
    close: make('close'),
    volume: make('volume'),
    turnover: make('turnover'),
  };
}
