import type { Series } from '../../domain/series.js';
import type { TimeRange, TimeRanges } from '../../domain/time-range.js';
import type { SeriesFilter, StoredStretches, Stretch, TimedCandle } from '../../domain/verify.js';
import type { Queryable } from '../database.js';
import { msOf, timestamp } from '../encode.js';

const SERIES = `select symbol, timeframe from coverage
  where candles > 0 and ($1::varchar[] is null or symbol = any($1))
    and ($2::varchar[] is null or timeframe = any($2))
  order by symbol, timeframe`;

const SPANS = `select ${msOf('lower(part)')} as "fromMs", ${msOf('upper(part)')} as "toMs"
  from (
    select c.covered - coalesce(range_agg(g.period), '{}') as stored
    from coverage c left join gap g
      on g.symbol = c.symbol and g.timeframe = c.timeframe and g.closed_at is null
    where c.symbol = $1 and c.timeframe = $2 group by c.covered) as series, unnest(stored) as part
  order by 1`;

const CANDLES = `select ${msOf('"timestamp"')} as "timeMs", open, high, low, close, volume, turnover
  from ohlcv_closed
  where symbol = $1 and timeframe = $2
    and "timestamp" >= $3::timestamptz and "timestamp" < $4::timestamptz
  order by 1`;

/** The stored candles, for a comparison with the exchange. */
export class SqlStoredStretches implements StoredStretches {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  async series({ symbols, timeframes }: SeriesFilter): Promise<readonly Series[]> {
    const { rows } = await this.#database.query<Series>(SERIES, [
      symbols === undefined ? null : [...symbols],
      timeframes === undefined ? null : [...timeframes],
    ]);
    return rows;
  }

  async spans({ symbol, timeframe }: Series): Promise<TimeRanges> {
    const { rows } = await this.#database.query<TimeRange>(SPANS, [symbol, timeframe]);
    return rows;
  }

  async candles({ series, window }: Stretch): Promise<readonly TimedCandle[]> {
    const { rows } = await this.#database.query<TimedCandle>(CANDLES, [
      ...[series.symbol, series.timeframe],
      ...[timestamp(window.fromMs), timestamp(window.toMs)],
    ]);
    return rows;
  }
}
