import type { Series } from '../domain/series.js';
import { openTimeMs } from '../domain/timeframe.js';
import type { TimeRange } from '../domain/time-range.js';
import type { Database } from './database.js';
import { msOf, timestampArray } from './encode.js';
import { unaskedGap } from './gap-rows.js';
import { inLockOrder } from './series-order.js';
import { writeSettlements, type SettlementOfSeries } from './settlement.js';
import type { LiveFacts } from './store-closed.js';

/**
 * A series of which nothing is settled has no end, and is left out. What retention removes is not
 * handed over.
 */
const LOCK = `select a.place::int, ${msOf('greatest(upper(c.covered), r.horizon)')} as end_ms
  from unnest($1::varchar[], $2::varchar[], $3::timestamptz[])
    with ordinality as a (symbol, timeframe, "to", place)
  join coverage c on c.symbol = a.symbol and c.timeframe = a.timeframe
  left join retention r on r.timeframe = a.timeframe
  where not isempty(c.covered) and greatest(upper(c.covered), r.horizon) < a."to"
  order by a.place
  for update of c`;

interface EndColumns {
  readonly place: number;
  readonly end_ms: number;
}

/**
 * Settles what closed unseen until `untilMs` as gaps, in one transaction of a few statements however
 * many series there are.
 *
 * @returns gaps that are new
 */
export async function handOver(
  database: Database,
  series: readonly (Series & { readonly untilMs: number })[],
  facts: LiveFacts,
): Promise<number> {
  const asked = inLockOrder(series).map(({ symbol, timeframe, untilMs }) => ({
    series: { symbol, timeframe },
    toMs: openTimeMs(timeframe, untilMs),
  }));
  return database.transaction(async (transaction) => {
    const { rows } = await transaction.query<EndColumns>(LOCK, [
      asked.map((one) => one.series.symbol),
      asked.map((one) => one.series.timeframe),
      timestampArray(Float64Array.from(asked, ({ toMs }) => toMs)),
    ]);
    const settlements = rows.flatMap(({ place, end_ms: fromMs }) => {
      const one = asked[place - 1];
      if (one === undefined) return [];
      return [disconnected(one.series, { fromMs, toMs: one.toMs }, facts)];
    });
    if (settlements.length > 0) await writeSettlements(transaction, settlements);
    return settlements.length;
  });
}

function disconnected(series: Series, period: TimeRange, facts: LiveFacts): SettlementOfSeries {
  return {
    ...{ series, settled: [period], added: 0, updates: [] },
    inserts: [unaskedGap({ period, kind: 'disconnected' }, facts)],
  };
}
