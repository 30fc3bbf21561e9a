import type { Series } from '../domain/series.js';
import type { TimeRange } from '../domain/time-range.js';
import type { TimedCandle } from '../domain/verify.js';
import type { Queryable } from './database.js';
import { msOf, timestamp } from './encode.js';

/** Candles that are in memory at a time: more of them are not read faster. */
const BATCH = 5_000;

/** By the column and not by its milliseconds, or the index would not give the order. */
const OPEN = `declare candles no scroll cursor for
  select ${msOf('"timestamp"')} as "timeMs", open, high, low, close, volume, turnover
  from ohlcv_closed
  where symbol = $1 and timeframe = $2
    and "timestamp" >= $3::timestamptz and "timestamp" < $4::timestamptz
  order by "timestamp"`;

/**
 * The closed candles of a series that open within the range, by time, a batch at a time. The server
 * keeps the place, so memory does not grow with the series.
 *
 * @param transaction reads one series at a time
 */
export async function* readCandles(
  transaction: Queryable,
  { symbol, timeframe }: Series,
  { fromMs, toMs }: TimeRange,
): AsyncGenerator<readonly TimedCandle[]> {
  await transaction.query(OPEN, [symbol, timeframe, timestamp(fromMs), timestamp(toMs)]);
  for (;;) {
    const { rows } = await transaction.query<TimedCandle>(`fetch ${BATCH} from candles`);
    if (rows.length > 0) yield rows;
    if (rows.length < BATCH) break;
  }
  await transaction.query('close candles');
}
