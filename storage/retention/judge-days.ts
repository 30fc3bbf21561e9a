import type { HeldBy, JudgedDay, OldDays } from '../../domain/retention.js';
import type { Timeframe } from '../../domain/timeframe.js';
import type { Queryable } from '../database.js';
import { msOf, timestamp } from '../encode.js';
import { nearSum, roundingOf } from '../sum-rounding.js';

const MIDNIGHT = `timestamptz '1970-01-01 00:00:00+00'`;

/** NaN is greater than every number for PostgreSQL, and would agree with all. */
const FINITE = `greatest(o.open, o.high, o.low, o.close, o.volume) < 'Infinity'`;

/** Where all short candles are there the longer one is their roll-up; else it holds at least them. */
const AGREES = `case when r.parts * extract(epoch from m1_timeframe($2)) = extract(epoch from r.length)
    then o.open = r.open and o.high = r.high and o.low = r.low and o.close = r.close
      and ${nearSum('o.volume', 'r.volume', 'r.parts')}
    else o.high >= r.high and o.low <= r.low
      and o.volume >= r.volume - ${roundingOf('o.volume', 'r.volume', 'r.parts')} end`;

/**
 * A longer candle that begins before the series does, and is not stored, is not waited for: a backfill
 * that begins in the middle of a day never asked for it.
 */
const JUDGE = `with own as materialized (
    select covered, lower(covered) as begins from coverage where symbol = $1 and timeframe = $2),
  witnesses as materialized (
    select w.timeframe, w."from", m1_timeframe(w.timeframe) as length
    from unnest($5::varchar[], $6::timestamptz[]) as w (timeframe, "from")),
  short as materialized (
    select s.* from ohlcv s, own
    where s.symbol = $1 and s.timeframe = $2
      and s."timestamp" >= $3::timestamptz and s."timestamp" < $4::timestamptz
      and own.covered @> s."timestamp"),
  rolled as (
    select w.timeframe, w.length, date_bin(w.length, s."timestamp", ${MIDNIGHT}) as opens,
      count(*) as parts, (array_agg(s.open order by s."timestamp"))[1] as open,
      max(s.high) as high, min(s.low) as low,
      (array_agg(s.close order by s."timestamp" desc))[1] as close, sum(s.volume) as volume
    from short s join witnesses w on s."timestamp" >= w."from"
    group by 1, 2, 3),
  faults as (
    select date_bin('1 day', r.opens, ${MIDNIGHT}) as day, r.timeframe, r.length, case
      when o.symbol is null or not coalesce(c.covered @> r.opens, false)
        then case when r.opens >= own.begins then 'missing' end
      when not ${FINITE} or not (${AGREES}) then 'differs' end as fault
    from rolled r cross join own
    left join coverage c on c.symbol = $1 and c.timeframe = r.timeframe
    left join ohlcv o on o.symbol = $1 and o.timeframe = r.timeframe and o."timestamp" = r.opens
      and o."timestamp" >= $3::timestamptz and o."timestamp" < $4::timestamptz),
  days as (
    select date_bin('1 day', "timestamp", ${MIDNIGHT}) as day, count(*)::float8 as candles
    from short group by 1)
  select ${msOf('d.day')} as day_ms, d.candles, f.timeframe, f.fault
  from days d left join lateral (
    select timeframe, fault from faults where faults.day = d.day and fault is not null
    order by length, fault desc limit 1) as f on true
  order by d.day`;

interface DayColumns {
  readonly day_ms: number;
  readonly candles: number;
  readonly timeframe: Timeframe | null;
  readonly fault: HeldBy['fault'] | null;
}

/** Compares the closed candles of some days with the longer ones over them. */
export async function judgeDays(
  database: Queryable,
  { series, window, witnesses }: OldDays,
): Promise<JudgedDay[]> {
  const { rows } = await database.query<DayColumns>(JUDGE, [
    ...[series.symbol, series.timeframe],
    ...[timestamp(window.fromMs), timestamp(window.toMs)],
    witnesses.map(({ timeframe }) => timeframe),
    witnesses.map(({ fromMs }) => timestamp(Math.max(fromMs, window.fromMs))),
  ]);
  return rows.map(({ day_ms: dayMs, candles, timeframe, fault }) => ({
    ...{ dayMs, candles },
    heldBy: timeframe === null || fault === null ? undefined : { timeframe, fault },
  }));
}
