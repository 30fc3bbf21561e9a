import type { GapKind } from '../domain/gap.js';
import type { Queryable } from './database.js';

/** All that is stored, in two numbers. */
export interface StoredTotals {
  readonly series: number;
  readonly candles: number;
}

/** Open gaps of one kind. Those that touch are one: pages cut a long hole into several rows. */
export interface GapTotal {
  readonly kind: GapKind;
  readonly gaps: number;
  readonly candles: number;
}

export async function readStoredTotals(database: Queryable): Promise<StoredTotals> {
  const { rows } = await database.query<StoredTotals>(
    `select count(*)::float8 as series, coalesce(sum(candles), 0)::float8 as candles from coverage`,
  );
  return rows[0] ?? { series: 0, candles: 0 };
}

const GAPS = `select kind, sum(pieces)::float8 as gaps, sum(candles)::float8 as candles
  from (
    select kind, (select count(*) from unnest(range_agg(period))) as pieces,
      sum(extract(epoch from upper(period) - lower(period)))
        / extract(epoch from m1_timeframe(timeframe)) as candles
    from gap where closed_at is null group by symbol, timeframe, kind) as of_series
  group by kind order by kind`;

/** Open gaps by kind; kinds without one are absent. */
export async function readGapTotals(database: Queryable): Promise<readonly GapTotal[]> {
  const { rows } = await database.query<GapTotal>(GAPS);
  return rows;
}

const MISSING = `select kind, sum(extract(epoch from upper(period) - lower(period))
    / extract(epoch from m1_timeframe(timeframe)))::float8 as candles
  from gap where closed_at is null and next_ask is not null
  group by kind`;

/** Candles that gaps lack which will be asked for again, by kind; kinds without one are absent. */
export async function readMissing(database: Queryable): Promise<readonly Omit<GapTotal, 'gaps'>[]> {
  const { rows } = await database.query<Omit<GapTotal, 'gaps'>>(MISSING);
  return rows;
}
