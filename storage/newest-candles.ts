import type { Candle } from '../domain/candle.js';
import type { Series } from '../domain/series.js';
import type { Queryable } from './database.js';
import { msOf, nullableTimestamp } from './encode.js';

export interface StoredCandle extends Candle {
  /** Whether it is settled; the newest one of a series may still be open. */
  readonly closed: boolean;
}

const NEWEST = `select ${msOf('o."timestamp"')} as "openTimeMs", o.open, o.high, o.low, o.close,
    o.volume, coalesce(c.covered @> o."timestamp", false) as closed
  from ohlcv o
  left join coverage c on c.symbol = o.symbol and c.timeframe = o.timeframe
  where o.symbol = $1 and o.timeframe = $2 and ($3::timestamptz is null or o."timestamp" < $3)
  order by o."timestamp" desc limit $4`;

/** The newest `limit` stored candles of a series that open before `toMs`, oldest first. */
export async function readNewestCandles(
  database: Queryable,
  { symbol, timeframe }: Series,
  { toMs, limit }: { readonly toMs: number | undefined; readonly limit: number },
): Promise<readonly StoredCandle[]> {
  const values = [symbol, timeframe, nullableTimestamp(toMs), limit];
  const { rows } = await database.query<StoredCandle>(NEWEST, values);
  return rows.toReversed();
}
