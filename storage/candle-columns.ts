import type { Candles } from '../domain/candles.js';
import { floatArray, nullableFloatArray, timestampArray } from './encode.js';

/** The columns of ohlcv in the order that all statements here use. */
export const OHLCV_COLUMNS =
  'symbol, timeframe, "timestamp", open, high, low, close, volume, turnover';

/** Candles as binary arrays, one parameter a column. */
export function candleValues(candles: Candles): Buffer[] {
  return [
    timestampArray(candles.openTimeMs),
    floatArray(candles.open),
    floatArray(candles.high),
    floatArray(candles.low),
    floatArray(candles.close),
    floatArray(candles.volume),
    nullableFloatArray(candles.turnover),
  ];
}

/** FROM item over the parameters of `candleValues`, the first of which is number `first`. */
export function candlesFrom(first: number, as: string): string {
  const types = ['timestamptz[]', ...Array.from({ length: 6 }, () => 'float8[]')];
  const parameters = types.map((type, i) => `$${first + i}::${type}`);
  return `unnest(${parameters.join(', ')})
    as ${as} ("timestamp", open, high, low, close, volume, turnover)`;
}

const VALUES = ['open', 'high', 'low', 'close', 'volume', 'turnover'];

const valuesOf = (table: string): string => VALUES.map((name) => `${table}.${name}`).join(', ');

/** What ON CONFLICT does to a row that is there already: nothing when it is equal. */
export const REPLACE_CHANGED = `on conflict (symbol, timeframe, "timestamp") do update set
    ${VALUES.map((name) => `${name} = excluded.${name}`).join(', ')}
  where (${valuesOf('ohlcv')}) is distinct from (${valuesOf('excluded')})`;
