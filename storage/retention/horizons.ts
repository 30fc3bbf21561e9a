import type { Horizon, RetentionRule } from '../../domain/retention.js';
import { timeframeMs, type Timeframe } from '../../domain/timeframe.js';
import type { Queryable } from '../database.js';
import { msOf, timestamp } from '../encode.js';

/** A rule as it was applied last. */
export interface AppliedRule extends RetentionRule {
  /** Local clock, ms. */
  readonly appliedAtMs: number;
}

const READ = `select timeframe, ${msOf('horizon')} as "horizonMs",
    (extract(epoch from keep) * 1000)::float8 as "keepMs", ${msOf('applied_at')} as "appliedAtMs"
  from retention`;

const WRITE = `with lifted as (
    delete from retention where not timeframe = any($1::varchar[]))
  insert into retention (timeframe, horizon, keep, applied_at)
  select r.timeframe, r.horizon, make_interval(secs => r.seconds), $4::timestamptz
  from unnest($1::varchar[], $2::timestamptz[], $3::float8[]) as r (timeframe, horizon, seconds)
  on conflict (timeframe) do update set
    horizon = excluded.horizon, keep = excluded.keep, applied_at = excluded.applied_at`;

/** Table `retention`, shortest timeframe first. */
export async function readRules(database: Queryable): Promise<AppliedRule[]> {
  const { rows } = await database.query<AppliedRule>(READ);
  return [...rows].sort((a, b) => timeframeMs(a.timeframe) - timeframeMs(b.timeframe));
}

/** @param nowMs local clock, ms */
export async function writeRules(
  database: Queryable,
  rules: readonly RetentionRule[],
  nowMs: number,
): Promise<void> {
  await database.query(WRITE, [
    rules.map(({ timeframe }) => timeframe),
    rules.map(({ horizonMs }) => timestamp(horizonMs)),
    rules.map(({ keepMs }) => keepMs / 1000),
    timestamp(nowMs),
  ]);
}

/** What is left before the horizon of a timeframe. */
export interface LeftBefore {
  readonly timeframe: Timeframe;
  readonly symbols: number;
  readonly candles: number;
}

const LEFT = `select c.timeframe, count(*)::float8 as symbols,
    coalesce(sum((select sum(extract(epoch from upper(part) - lower(part)))
      from unnest(c.covered * multirange(tstzrange(null, r.horizon))) as part)
      / extract(epoch from m1_timeframe(c.timeframe))), 0)::float8 as candles
  from retention r join coverage c
    on c.timeframe = r.timeframe and c.covered && tstzrange(null, r.horizon)
  group by c.timeframe`;

/** What retention has still to remove, or leaves because longer candles are missing. */
export async function readLeft(database: Queryable): Promise<readonly LeftBefore[]> {
  const { rows } = await database.query<LeftBefore>(LEFT);
  return rows;
}

/** The horizon of a timeframe, ms; undefined: all is kept. */
export function horizonOf(horizons: readonly Horizon[], timeframe: Timeframe): number | undefined {
  return horizons.find((one) => one.timeframe === timeframe)?.horizonMs;
}
