import type { CandleValues } from '../../domain/candles.js';
import type { SeriesRecord } from '../../domain/coverage-drift.js';
import type { Series } from '../../domain/series.js';
import { normalise, totalMs, type TimeRange, type TimeRanges } from '../../domain/time-range.js';
import { timeframeMs } from '../../domain/timeframe.js';
import type { Queryable } from '../database.js';
import { msOf, multirange, nullableTimestamp } from '../encode.js';

/** The grid of every timeframe begins here. */
export const GRID_START = `'1970-01-01 00:00:00+00'::timestamptz`;

/** NaN and infinity are greater than every number for PostgreSQL. */
const FINITE = `'Infinity'::float8`;
export const ON_GRID = `date_bin(m1_timeframe($2), "timestamp", ${GRID_START}) = "timestamp"`;
const PRICES_FIT = `low > 0 and high < ${FINITE} and high >= open and high >= close and high >= low
  and low <= open and low <= close`;
const VOLUME_FITS = `volume >= 0 and volume < ${FINITE}
  and coalesce(turnover >= 0 and turnover < ${FINITE}, true)`;
const FITS = `(${ON_GRID} and ${PRICES_FIT} and ${VOLUME_FITS})`;

/** Counts a series, whatever its size, in one pass and without memory. */
const COUNT = `select count(*)::float8 as rows, count(*) filter (where claimed)::float8 as claimed,
    count(*) filter (where not claimed and "timestamp" is distinct from $4::timestamptz)::float8
      as others,
    count(*) filter (where not fits)::float8 as unfit
  from (
    select "timestamp", $3::tstzmultirange @> "timestamp" and ${ON_GRID} as claimed, ${FITS} as fits
    from ohlcv where symbol = $1 and timeframe = $2) as row`;

export interface RowCounts {
  readonly rows: number;
  /** Those on the grid where a row is claimed to be. */
  readonly claimed: number;
  /** Those anywhere else, without the one candle that is still open. */
  readonly others: number;
  /** Those that no venue can have meant. */
  readonly unfit: number;
}

/** @param claimed where the record says that candles are stored */
export async function countRows(
  transaction: Queryable,
  { symbol, timeframe, openCandleMs }: SeriesRecord,
  claimed: TimeRanges,
): Promise<RowCounts> {
  const values = [symbol, timeframe, multirange(claimed), nullableTimestamp(openCandleMs)];
  const { rows } = await transaction.query<RowCounts>(COUNT, values);
  return rows[0] ?? { rows: 0, claimed: 0, others: 0, unfit: 0 };
}

/** Whether the rows of a series are exactly those that its record claims. */
export function areAsClaimed(
  { claimed, others }: RowCounts,
  spans: TimeRanges,
  { timeframe }: Series,
): boolean {
  return others === 0 && claimed === totalMs(spans) / timeframeMs(timeframe);
}

/** Rows that follow each other without a break have the same distance from their number. */
const SPANS = `select ${msOf('min(t)')} as "fromMs", ${msOf('max(t) + m1_timeframe($2)')} as "toMs"
  from (
    select "timestamp" as t,
      "timestamp" - row_number() over (order by "timestamp") * m1_timeframe($2) as island
    from ohlcv where symbol = $1 and timeframe = $2 and ${ON_GRID}) as numbered
  group by island order by 1`;

/** The spans of the stored rows that lie on the grid. */
export async function readRowSpans(
  transaction: Queryable,
  { symbol, timeframe }: Series,
): Promise<TimeRanges> {
  const { rows } = await transaction.query<TimeRange>(SPANS, [symbol, timeframe]);
  return normalise(rows);
}

/** A row that no venue can have meant. */
export interface UnfitRow extends CandleValues {
  readonly timeMs: number;
  readonly on_grid: boolean;
  readonly prices_fit: boolean;
}

const UNFIT = `select ${msOf('"timestamp"')} as "timeMs", ${ON_GRID} as on_grid,
    (${PRICES_FIT}) as prices_fit, open, high, low, close, volume, turnover
  from ohlcv where symbol = $1 and timeframe = $2 and not ${FITS} order by "timestamp"`;

export async function readUnfitRows(
  transaction: Queryable,
  { symbol, timeframe }: Series,
): Promise<readonly UnfitRow[]> {
  const { rows } = await transaction.query<UnfitRow>(UNFIT, [symbol, timeframe]);
  return rows;
}
