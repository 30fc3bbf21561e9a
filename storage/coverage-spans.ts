import type { GapKind } from '../domain/gap.js';
import { freshnessBoundMs } from '../domain/freshness.js';
import type { TimeRange } from '../domain/time-range.js';
import { timeframeMs, type Timeframe } from '../domain/timeframe.js';
import type { Queryable } from './database.js';
import { msOf, range as rangeText } from './encode.js';

/** A span of a series: covered (gaps in it included), an open gap, or never asked for. */
export interface CoverageSpan extends TimeRange {
  readonly symbol: string;
  readonly what: 'covered' | 'missing' | GapKind;
}

const NEWEST = `select ${msOf('max(upper(covered))')} as end_ms from coverage where timeframe = $1`;

/**
 * What is not covered was never asked for, unless it is known that there is nothing to have: beyond the
 * horizon of retention, before a listing and after a delisting, also where those lie beyond what was
 * asked for. An end that is only a little older than the newest one of all series is no hole yet:
 * series close one after the other.
 */
const SPANS = `with life as (
    select symbol, min(lower(period)) filter (where kind = 'before_listing') as listed,
      max(upper(period)) filter (where kind = 'after_delisting') as delisted
    from gap
    where timeframe = $1 and closed_at is null and kind in ('before_listing', 'after_delisting')
    group by symbol),
  series as (
    select c.symbol, c.covered, c.covered * multirange($2::tstzrange) as shown,
      greatest(r.horizon, case when l.listed = lower(c.covered) then l.listed end) as begun,
      case when l.delisted = upper(c.covered)
          or upper(c.covered) >= upper($2::tstzrange) - $3::interval
        then upper(c.covered) else upper($2::tstzrange) end as until
    from coverage c
    left join retention r on r.timeframe = c.timeframe
    left join life l on l.symbol = c.symbol
    where c.timeframe = $1 and not isempty(c.covered)),
  spans as (
    select symbol, 'covered' as what, part from series, unnest(shown) as part
    union all
    select symbol, 'missing', part from series, unnest(
      multirange(tstzrange(begun, greatest(begun, until)) * $2::tstzrange) - covered) as part
    union all
    select symbol, kind, period * $2::tstzrange from gap
    where timeframe = $1 and closed_at is null and period && $2::tstzrange)
  select symbol, what, ${msOf('lower(part)')} as from_ms, ${msOf('upper(part)')} as to_ms
  from spans order by symbol collate "C"`;

const SYMBOLS = `select symbol from coverage where timeframe = $1 and not isempty(covered)
  order by symbol collate "C"`;

interface SpanColumns {
  readonly symbol: string;
  readonly what: CoverageSpan['what'];
  readonly from_ms: number;
  readonly to_ms: number;
}

/** End of the newest settled candle of a timeframe, ms; undefined when there is none. */
export async function readNewestEndMs(
  database: Queryable,
  timeframe: Timeframe,
): Promise<number | undefined> {
  const { rows } = await database.query<{ end_ms: number | null }>(NEWEST, [timeframe]);
  return rows[0]?.end_ms ?? undefined;
}

/** Every symbol that has something settled in a timeframe, in order. */
export async function readCoveredSymbols(
  database: Queryable,
  timeframe: Timeframe,
): Promise<readonly string[]> {
  const { rows } = await database.query<{ symbol: string }>(SYMBOLS, [timeframe]);
  return rows.map(({ symbol }) => symbol);
}

/**
 * What is known of all series of a timeframe within a range, by symbol.
 *
 * @param range up to the end of the newest candle
 */
export async function readCoverageSpans(
  database: Queryable,
  timeframe: Timeframe,
  range: TimeRange,
): Promise<readonly CoverageSpan[]> {
  const late = `${freshnessBoundMs(timeframe) - timeframeMs(timeframe)} milliseconds`;
  const { rows } = await database.query<SpanColumns>(SPANS, [timeframe, rangeText(range), late]);
  return rows.map(({ symbol, what, from_ms: fromMs, to_ms: toMs }) => ({
    ...{ symbol, what, fromMs, toMs },
  }));
}
