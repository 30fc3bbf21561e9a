import type { Series } from '../domain/series.js';
import type { FetchOrigin } from '../domain/stores.js';
import type { Database } from './database.js';
import { timestamp } from './encode.js';

const LOCK = `select from coverage where symbol = $1 and timeframe = $2 for update`;

/**
 * What coverage claims, no gap lists and the table lacks becomes a gap, or is forgotten where
 * retention removes it anyway; `candles` becomes the number of rows that are there. Then coverage is
 * true again.
 */
const MEND = `with known as (
    select c.covered, c.covered - coalesce(range_agg(g.period), '{}') as claimed
    from coverage c left join gap g
      on g.symbol = c.symbol and g.timeframe = c.timeframe and g.closed_at is null
    where c.symbol = $1 and c.timeframe = $2 group by c.covered),
  found as (
    select count(*) as candles, coalesce(range_agg(
      tstzrange(o."timestamp", o."timestamp" + m1_timeframe(o.timeframe))), '{}') as stored
    from ohlcv o, known
    where o.symbol = $1 and o.timeframe = $2 and o."timestamp" >= lower(known.covered)
      and o."timestamp" < upper(known.covered) and known.claimed @> o."timestamp"),
  lost as (
    select known.claimed - found.stored as spans, multirange(tstzrange(null, coalesce(
      (select horizon from retention where timeframe = $2), '-infinity'))) as removed
    from known, found),
  listed as (
    insert into gap (symbol, timeframe, period, kind, asked, found_at, found_by, next_ask, reason)
    select $1, $2, part, 'unconfirmed', 0, $3::timestamptz, $4, $3::timestamptz, $5
    from lost, unnest(lost.spans - lost.removed) as part),
  corrected as (
    update coverage c set candles = found.candles,
      covered = c.covered - lost.spans * lost.removed
    from found, lost where c.symbol = $1 and c.timeframe = $2)
  select coalesce(sum(extract(epoch from upper(part) - lower(part))
    / extract(epoch from m1_timeframe($2))), 0)::int as candles from lost, unnest(lost.spans) as part`;

const REASON = 'the stored row was gone';

/**
 * Brings coverage into line with the rows of a series, in one transaction under its lock.
 *
 * @returns candles that were claimed and not there
 */
export async function mendDrift(
  database: Database,
  { symbol, timeframe }: Series,
  { origin, nowMs }: { readonly origin: FetchOrigin; readonly nowMs: number },
): Promise<number> {
  return database.transaction(async (transaction) => {
    await transaction.query(LOCK, [symbol, timeframe]);
    const { rows } = await transaction.query<{ candles: number }>(MEND, [
      ...[symbol, timeframe],
      ...[timestamp(nowMs), origin.workflowId, REASON],
    ]);
    return rows[0]?.candles ?? 0;
  });
}
