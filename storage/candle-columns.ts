import type { Candles } from '../domain/candles.js';
import type { Series } from '../domain/series.js';
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

/** Candles of any number of series, in the order of their key. */
export interface KeyedCandles {
  readonly series: readonly Series[];
  readonly candles: Candles;
}

/** The parameters of `keyedCandlesFrom`. */
export function keyedCandleValues({ series, candles }: KeyedCandles): unknown[] {
  return [
    series.map(({ symbol }) => symbol),
    series.map(({ timeframe }) => timeframe),
    ...candleValues(candles),
  ];
}

/** FROM item over the parameters $1 to $9 of `keyedCandleValues`. */
export function keyedCandlesFrom(as: string): string {
  return `unnest($1::varchar[], $2::varchar[], $3::timestamptz[], $4::float8[], $5::float8[],
    $6::float8[], $7::float8[], $8::float8[], $9::float8[]) as ${as} (${OHLCV_COLUMNS})`;
}

const VALUES = ['open', 'high', 'low', 'close', 'volume', 'turnover'];

const valuesOf = (table: string): string => VALUES.map((name) => `${table}.${name}`).join(', ');

/** Whether two rows of the same candle have different values. */
export function differ(one: string, other: string): string {
  return `(${valuesOf(one)}) is distinct from (${valuesOf(other)})`;
}

/** SET list that gives a row the values of another. */
export function valuesFrom(other: string): string {
  return VALUES.map((name) => `${name} = ${other}.${name}`).join(', ');
}

/** What ON CONFLICT does to a row that is there already: nothing when it is equal. */
export const REPLACE_CHANGED = `on conflict (symbol, timeframe, "timestamp") do update set
    ${valuesFrom('excluded')}
  where ${differ('ohlcv', 'excluded')}`;
