import type { Database } from './database.js';

const LOCK = `select from coverage where symbol = $1
  order by timeframe collate "C" for update`;

/** A series without any candle has no last one: what it lacks keeps its kind. */
const SEAL = `update gap g set next_ask = null, reason = $2,
    kind = case when lower(g.period) >= upper(s.stored)
      and g.kind in ('unconfirmed', 'failed', 'disconnected') then 'after_delisting' else g.kind end
  from (
    select c.timeframe, c.covered - coalesce(range_agg(o.period), '{}') as stored
    from coverage c left join gap o
      on o.symbol = c.symbol and o.timeframe = c.timeframe and o.closed_at is null
    where c.symbol = $1 group by c.timeframe, c.covered) as s
  where g.symbol = $1 and g.timeframe = s.timeframe and g.closed_at is null
    and g.next_ask is not null`;

/**
 * Ends the search for the gaps of a symbol that the venue no longer serves. Those after the last
 * candle of their series lie after the delisting; the others stay what they are, with the reason.
 *
 * @returns gaps that were still to be asked for
 */
export async function sealGaps(
  database: Database,
  symbol: string,
  reason: string,
): Promise<number> {
  return database.transaction(async (transaction) => {
    await transaction.query(LOCK, [symbol]);
    const { count } = await transaction.query(SEAL, [symbol, reason]);
    return count;
  });
}
