import type { Series } from '../../domain/series.js';
import { normalise, type TimeRange, type TimeRanges } from '../../domain/time-range.js';
import type { Timeframe } from '../../domain/timeframe.js';
import type { Violation } from '../../domain/verify.js';
import type { Queryable } from '../database.js';
import { msOf, multirange } from '../encode.js';
import { roundingOf } from '../sum-rounding.js';
import { GRID_START } from './read-rows.js';

const PROVEN = `('no_trades', 'before_listing', 'after_delisting', 'venue_outage')`;

/**
 * A longer candle over a gap has the volume of the shorter ones that are there, and no shorter one
 * lies in the gap of a longer. The last candle of a delisted pair may never have closed.
 */
const DENIED = `with claimed as (
    select c.timeframe, m1_timeframe(c.timeframe) as length, c.stored::tstzmultirange as stored
    from unnest($2::varchar[], $3::text[]) as c (timeframe, stored)),
  proven as (
    select g.timeframe, m1_timeframe(g.timeframe) as length, g.period, g.kind from gap g
    where g.symbol = $1 and g.closed_at is null and g.kind in ${PROVEN}),
  unproven as (
    select g.timeframe, range_agg(g.period) as periods from gap g
    where g.symbol = $1 and g.closed_at is null and g.kind not in ${PROVEN} group by g.timeframe),
  longer as (
    select distinct g.timeframe, o.volume,
      tstzrange(o."timestamp", o."timestamp" + c.length) as span
    from proven g join claimed c on c.length > g.length
    join ohlcv o on o.symbol = $1 and o.timeframe = c.timeframe and o.volume > 0
      and o."timestamp" > lower(g.period) - c.length and o."timestamp" < upper(g.period)
      and c.stored @> o."timestamp"),
  more as materialized (
    select l.timeframe, l.span
    from longer l join coverage k
      on k.symbol = $1 and k.timeframe = l.timeframe and k.covered @> l.span
    left join unproven u on u.timeframe = l.timeframe
    cross join lateral (
      select coalesce(sum(o.volume), 0) as volume, count(*) as candles from ohlcv o
      where o.symbol = $1 and o.timeframe = l.timeframe
        and o."timestamp" >= lower(l.span) and o."timestamp" < upper(l.span)) as s
    where not coalesce(u.periods && l.span, false)
      and l.volume > s.volume + ${roundingOf('l.volume', 's.volume', 's.candles')}),
  found as (
    select g.timeframe, g.period * m.span as period
    from proven g join more m on m.timeframe = g.timeframe and m.span && g.period
    union all
    select g.timeframe, tstzrange(date_bin(g.length, s.first, ${GRID_START}),
      date_bin(g.length, s.last, ${GRID_START}) + g.length) * g.period
    from proven g join claimed c on c.length < g.length
    cross join lateral (
      select min(o."timestamp") as first, max(o."timestamp") as last from ohlcv o
      where o.symbol = $1 and o.timeframe = c.timeframe and o.volume > 0
        and o."timestamp" >= lower(g.period) and o."timestamp" < upper(g.period)
        and c.stored @> o."timestamp") as s
    where g.kind <> 'after_delisting' and s.first is not null)
  select timeframe, ${msOf('lower(period)')} as "fromMs", ${msOf('upper(period)')} as "toMs"
  from found where timeframe = any($4::varchar[])`;

/**
 * Gaps of which it is said that there was nothing to have, and candles of another timeframe traded.
 *
 * @param closed the stored closed candles of each timeframe
 * @param verified timeframes that are looked at
 */
export async function readDeniedGaps(
  transaction: Queryable,
  symbol: string,
  closed: ReadonlyMap<Timeframe, TimeRanges>,
  verified: readonly Timeframe[],
): Promise<Violation[]> {
  const { rows } = await transaction.query<Pick<Series, 'timeframe'> & TimeRange>(DENIED, [
    ...[symbol, [...closed.keys()], [...closed.values()].map(multirange)],
    [...verified],
  ]);
  return verified.flatMap((timeframe) =>
    normalise(rows.filter((row) => row.timeframe === timeframe)).map((period): Violation => ({
      ...{ symbol, timeframe, check: 'gap_over_trades', period },
      expected: 'no trades in a gap',
      found: 'trades in other timeframes',
    })),
  );
}
