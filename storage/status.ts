import type { RunCounts } from '../domain/stores.js';
import { timeframeMs, type Timeframe } from '../domain/timeframe.js';
import type { Queryable } from './database.js';
import { msOf } from './encode.js';

/** One line of `m1 status`. Only closed candles count. */
export interface SeriesStatus {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Stored candles. */
  readonly candles: number;
  /** Open time of the first and the last stored candle, ms; undefined when there is none. */
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
  /**
   * Open gaps without those before the listing and after the delisting. Gaps of one kind that touch
   * are one: pages cut a long hole into several rows.
   */
  readonly gaps: number;
  /**
   * Share of all candles ever asked for that is stored, 0 to 1, what is missing at either end
   * included; candles that the venue does not have (never traded, or its outage) count as if they
   * were, the time outside the series' life, or removed by retention, not at all. Undefined when
   * nothing was asked.
   */
  readonly completeness: number | undefined;
  /**
   * Whether nobody has asked for some time between the first and the last stored candle; around a day
   * that retention holds, others are removed.
   */
  readonly unasked: boolean;
}

/** Kinds of gaps that are no fault in the data. */
const EXCUSED = `('no_trades', 'venue_outage', 'before_listing', 'after_delisting')`;
const OUTSIDE_LIFE = `('before_listing', 'after_delisting')`;

const GAPS = `gaps as (
    select symbol, timeframe, range_agg(period) as missing,
      coalesce(sum(pieces) filter (where kind not in ${OUTSIDE_LIFE}), 0) as gaps,
      coalesce(range_agg(period) filter (where kind in ${EXCUSED}), '{}') as excused,
      coalesce(range_agg(period) filter (where kind in ${OUTSIDE_LIFE}), '{}') as outside
    from (
      select symbol, timeframe, kind, range_agg(period) as period,
        (select count(*) from unnest(range_agg(period))) as pieces
      from gap where closed_at is null group by symbol, timeframe, kind) by_kind
    group by symbol, timeframe)`;

const STORED = `stored as (
    select c.symbol, c.timeframe, c.candles, coalesce(g.gaps, 0) as gaps, c.covered,
      c.covered - coalesce(g.missing, '{}') as rows, coalesce(g.excused, '{}') as excused,
      c.covered - coalesce(g.outside, '{}') as life,
      case when r.horizon is null then '{}'
        else multirange(tstzrange(null, r.horizon)) - c.covered end as removed
    from coverage c left join gaps g using (symbol, timeframe)
    left join retention r using (timeframe))`;

/** The length of a multirange, ms. */
function totalOf(periods: string): string {
  return `(select coalesce(sum(extract(epoch from upper(part) - lower(part))), 0)::float8 * 1000
     from unnest(${periods}) as part)`;
}

const FROM_COVERAGE = `with ${GAPS}, ${STORED}
  select symbol, timeframe, candles::float8 as candles, gaps::float8 as gaps,
    ${msOf('lower(rows)')} as first_ms, ${msOf('upper(rows)')} as end_ms,
    ${totalOf('multirange(range_merge(life)) - removed')} as life_ms,
    ${totalOf('excused * multirange(range_merge(life))')} as excused_ms,
    not isempty(multirange(range_merge(rows)) - covered - removed) as unasked
  from stored`;

const FROM_ROWS = `select symbol, timeframe, count(*)::float8 as candles,
    ${msOf('min("timestamp")')} as first_ms, ${msOf('max("timestamp")')} as last_ms
  from ohlcv_closed group by symbol, timeframe`;

interface CoverageColumns {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly candles: number;
  readonly gaps: number;
  readonly first_ms: number | null;
  readonly end_ms: number | null;
  /** What was ever asked of the series' life, its missing ends included; 0: nothing. */
  readonly life_ms: number;
  readonly excused_ms: number;
  readonly unasked: boolean;
}

interface RowsColumns {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly candles: number;
  readonly first_ms: number;
  readonly last_ms: number;
}

/** Every series that anything is known of, by symbol, shortest timeframe first. */
export async function readStatus(database: Queryable): Promise<SeriesStatus[]> {
  const { rows } = await database.query<CoverageColumns>(FROM_COVERAGE);
  return rows.map((row) => statusOf(row)).sort(bySeries);
}

/** The same with candles, first and last counted over the stored rows: slow, and trusts nothing. */
export async function readExactStatus(database: Queryable): Promise<SeriesStatus[]> {
  const [known, counted] = await Promise.all([
    database.query<CoverageColumns>(FROM_COVERAGE),
    database.query<RowsColumns>(FROM_ROWS),
  ]);
  const exact = new Map(counted.rows.map((row) => [`${row.symbol} ${row.timeframe}`, row]));
  return known.rows
    .map((row) => statusOf(row, exact.get(`${row.symbol} ${row.timeframe}`) ?? 'none'))
    .sort(bySeries);
}

function statusOf(row: CoverageColumns, exact?: RowsColumns | 'none'): SeriesStatus {
  const { symbol, timeframe, gaps, unasked } = row;
  const lengthMs = timeframeMs(timeframe);
  const lastMs = row.end_ms === null ? null : row.end_ms - lengthMs;
  const { candles, first_ms, last_ms } =
    exact === undefined
      ? { candles: row.candles, first_ms: row.first_ms, last_ms: lastMs }
      : exact === 'none'
        ? { candles: 0, first_ms: null, last_ms: null }
        : exact;
  return {
    ...{ symbol, timeframe, candles, gaps },
    firstMs: first_ms ?? undefined,
    lastMs: last_ms ?? undefined,
    completeness: completenessOf(row, candles),
    unasked,
  };
}

/** Also counts what is missing before the first and after the last stored candle. */
function completenessOf(row: CoverageColumns, candles: number): number | undefined {
  if (row.life_ms === 0) return undefined;
  const lengthMs = timeframeMs(row.timeframe);
  const expected = row.life_ms / lengthMs;
  return Math.min(1, (candles + row.excused_ms / lengthMs) / expected);
}

function bySeries(a: SeriesStatus, b: SeriesStatus): number {
  if (a.symbol !== b.symbol) return a.symbol < b.symbol ? -1 : 1;
  return timeframeMs(a.timeframe) - timeframeMs(b.timeframe);
}

/** What runs have done so far, by run id; runs that have stored nothing yet are absent. */
export async function readRunCounts(
  database: Queryable,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, RunCounts>> {
  if (runIds.length === 0) return new Map();
  const { rows } = await database.query<RunCounts & { run_id: string }>(
    `select run_id, count(*)::float8 as requests, coalesce(sum(added), 0)::float8 as candles
     from "fetch" where run_id = any($1::text[]) group by run_id`,
    [[...runIds]],
  );
  return new Map(
    rows.map(({ run_id, requests, candles }): [string, RunCounts] => [
      run_id,
      { requests, candles },
    ]),
  );
}
