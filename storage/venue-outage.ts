import type { Series } from '../domain/series.js';
import type { TimeRange } from '../domain/time-range.js';
import type { Database, Queryable } from './database.js';
import { msOf, range } from './encode.js';

/** Share of the series of a timeframe that must lack the same span. */
const SHARE = 0.9;

/** With fewer series than this the quiet of a few pairs cannot be told from an outage. */
const MIN_SERIES = 5;

/*
 * One sweep over time counts at every moment the series of a timeframe that live (asked for, listed,
 * of an active symbol) and those of them that lack candles, so its cost grows with the number of gaps
 * and not with the length of the history. Series that wait for their proof count as lacking, but only
 * what is proved is typed: an answer that is wrong for all symbols at once is asked for again first.
 */
const FIND = `with life as (
    select c.symbol, c.timeframe, c.covered - coalesce(range_agg(g.period), '{}') as period
    from coverage c
    left join symbols s on s.name = c.symbol
    left join gap g on g.symbol = c.symbol and g.timeframe = c.timeframe and g.closed_at is null
      and g.kind in ('before_listing', 'after_delisting')
    where s.is_active is not false
    group by c.symbol, c.timeframe, c.covered),
  lack as (
    select g.symbol, g.timeframe, range_agg(g.period) as period
    from gap g join life l using (symbol, timeframe)
    where g.closed_at is null and g.asked > 0
      and g.kind in ('unconfirmed', 'no_trades', 'venue_outage')
    group by g.symbol, g.timeframe),
  edges as (
    select timeframe, lower(part) as at, 1 as live, 0 as missing from life, unnest(period) as part
    union all select timeframe, upper(part), -1, 0 from life, unnest(period) as part
    union all select timeframe, lower(part), 0, 1 from lack, unnest(period) as part
    union all select timeframe, upper(part), 0, -1 from lack, unnest(period) as part),
  moments as (
    select timeframe, at, sum(live) as live, sum(missing) as missing
    from edges group by timeframe, at),
  levels as (
    select timeframe, at, lead(at) over w as until,
      sum(live) over w as live, sum(missing) over w as missing
    from moments window w as (partition by timeframe order by at)),
  outages as (
    select timeframe, range_agg(tstzrange(at, until)) as periods from levels
    where missing >= ${MIN_SERIES} and missing >= ${SHARE} * live group by timeframe)
  select timeframe, ${msOf('lower(part)')} as from_ms, ${msOf('upper(part)')} as to_ms
  from outages, unnest(periods) as part
  where exists (select from gap g where g.timeframe = outages.timeframe
    and g.closed_at is null and g.kind = 'no_trades' and g.period && part)
  order by timeframe, part`;

const PROVED = `timeframe = $1 and closed_at is null and kind = 'no_trades'
  and period && $2::tstzrange`;

const LOCK = `select from coverage c
  where (c.symbol, c.timeframe) in (select symbol, timeframe from gap where ${PROVED})
  order by c.symbol collate "C" for update`;

/** What of a gap lies outside of the outage goes on as a gap of its own. */
const TYPE = `with hit as (select * from gap where ${PROVED}),
  rest as (
    insert into gap (symbol, timeframe, period, kind, asked, found_at, found_by, last_asked,
      next_ask, closed_at, reason, evidence)
    select symbol, timeframe, part, kind, asked, found_at, found_by, last_asked,
      next_ask, closed_at, reason, evidence
    from hit, unnest(multirange(period) - multirange($2::tstzrange)) as part)
  update gap set kind = 'venue_outage', period = gap.period * $2::tstzrange
  from hit where gap.id = hit.id`;

interface OutageColumns {
  readonly timeframe: Series['timeframe'];
  readonly from_ms: number;
  readonly to_ms: number;
}

/**
 * Types gaps of kind `no_trades` as `venue_outage` where at least 90 % of the active series of the
 * timeframe, and at least five, lack the same span.
 *
 * @returns gaps typed now
 */
export async function typeOutages(database: Database): Promise<number> {
  const { rows } = await database.query<OutageColumns>(FIND);
  let typed = 0;
  for (const { timeframe, from_ms: fromMs, to_ms: toMs } of rows) {
    const outage = { fromMs, toMs };
    typed += await database.transaction((transaction) => typeSpan(transaction, timeframe, outage));
  }
  return typed;
}

/** Under the locks of the series, in the order of every writer. */
async function typeSpan(
  transaction: Queryable,
  timeframe: Series['timeframe'],
  outage: TimeRange,
): Promise<number> {
  const values = [timeframe, range(outage)];
  await transaction.query(LOCK, values);
  const { count } = await transaction.query(TYPE, values);
  return count;
}
