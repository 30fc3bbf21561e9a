import type { Series } from '../domain/series.js';
import type { TimeRange } from '../domain/time-range.js';
import type { Queryable } from './database.js';
import { timestamp } from './encode.js';
import type { Surroundings } from './gap-changes.js';

const OF_SERIES = `from ohlcv where symbol = $1::varchar and timeframe = $2::varchar`;

/** Each half is one look into the key of ohlcv. */
const READ = {
  name: 'm1_surroundings',
  text: `select
    exists (select ${OF_SERIES} and "timestamp" < $3::timestamptz) as before,
    exists (select ${OF_SERIES} and "timestamp" >= $4::timestamptz) as after`,
};

/** Whether candles of the series are stored before and after `window`. */
export async function readSurroundings(
  transaction: Queryable,
  { symbol, timeframe }: Series,
  window: TimeRange,
): Promise<Surroundings> {
  const { name, text } = READ;
  const values = [symbol, timeframe, timestamp(window.fromMs), timestamp(window.toMs)];
  const { rows } = await transaction.query<Surroundings>(text, values, { name });
  return rows[0] ?? { before: false, after: false };
}
