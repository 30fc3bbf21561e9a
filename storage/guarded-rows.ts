import type { Series } from '../domain/series.js';
import type { Timeframe } from '../domain/timeframe.js';
import {
  differ,
  keyedCandlesFrom,
  keyedCandleValues,
  OHLCV_COLUMNS,
  REPLACE_CHANGED,
  valuesFrom,
  type KeyedCandles,
} from './candle-columns.js';
import type { Queryable } from './database.js';
import { msOf, timestampArray } from './encode.js';
import { seriesKey } from './series-order.js';

/*
 * Rows whose candles may be stored already, by an answer that knew more. Whether the row that is
 * there is that of a closed candle is known under the lock of the series only, which is taken after
 * the rows. So the first statement goes by volume alone, which never falls while a candle is open,
 * and locks the rows that it leaves alone; the second may then still replace them.
 */

const WRITE = {
  name: 'm1_guarded_rows',
  text: `insert into ohlcv (${OHLCV_COLUMNS}) select r.* from ${keyedCandlesFrom('r')}
    ${REPLACE_CHANGED} and (excluded.volume >= ohlcv.volume
      or excluded."timestamp" = any($10::timestamptz[]))
    returning symbol, timeframe, ${msOf('"timestamp"')} as time_ms`,
};

const REPLACE = `update ohlcv o set ${valuesFrom('r')} from ${keyedCandlesFrom('r')}
  where o.symbol = r.symbol and o.timeframe = r.timeframe and o."timestamp" = r."timestamp"
    and ${differ('o', 'r')}`;

const DIFFERENT = `select r.symbol, r.timeframe, ${msOf('r."timestamp"')} as time_ms
  from ${keyedCandlesFrom('r')} join ohlcv o using (symbol, timeframe, "timestamp")
  where ${differ('o', 'r')}`;

interface KeyColumns {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly time_ms: number;
}

/** A set of candles, of any number of series. */
export class CandleSet {
  readonly #keys: ReadonlySet<string>;

  constructor(rows: readonly KeyColumns[]) {
    this.#keys = new Set(rows.map((row) => `${seriesKey(row)} ${row.time_ms}`));
  }

  has(series: Series, openTimeMs: number): boolean {
    return this.#keys.has(`${seriesKey(series)} ${openTimeMs}`);
  }
}

/**
 * Inserts rows, replaces those that differ and have no more volume, and locks all others.
 *
 * @param confirmedMs open times whose rows are replaced whatever their volume
 * @returns the candles inserted or replaced
 */
export async function writeGuarded(
  transaction: Queryable,
  rows: KeyedCandles,
  confirmedMs: Float64Array = new Float64Array(),
): Promise<CandleSet> {
  const { name, text } = WRITE;
  const values = [...keyedCandleValues(rows), timestampArray(confirmedMs)];
  const written = await transaction.query<KeyColumns>(text, values, { name });
  return new CandleSet(written.rows);
}

/** Replaces rows, locked by `writeGuarded`, which prove to be those of open candles. */
export async function replaceOpen(transaction: Queryable, rows: KeyedCandles): Promise<void> {
  if (rows.series.length > 0) await transaction.query(REPLACE, keyedCandleValues(rows));
}

/** Those of these candles that are stored with other values. */
export async function storedDifferently(
  transaction: Queryable,
  rows: KeyedCandles,
): Promise<CandleSet> {
  if (rows.series.length === 0) return new CandleSet([]);
  const found = await transaction.query<KeyColumns>(DIFFERENT, keyedCandleValues(rows));
  return new CandleSet(found.rows);
}
