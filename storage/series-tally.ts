import type { Series } from '../domain/series.js';
import type { TimeRange } from '../domain/time-range.js';
import { timeframeMs } from '../domain/timeframe.js';
import type { Queryable } from './database.js';
import { msOf, timestampArray } from './encode.js';

/** Candles of a series that are to be there, by open time on its grid. */
export type NeededCandles = Series & TimeRange;

/** What became of the candles that were needed of one series. */
export interface SeriesTally extends Series {
  readonly closed: number;
  /** Of these, explained: proven not to exist at the venue, or outside the series' life. */
  readonly explained: number;
  /** Of these, neither stored nor explained. */
  readonly missing: number;
}

/** One answer that lacks a candle may lag; the next that counts comes a wait of GAP_REASK later. */
const UNPROVEN = `(g.kind in ('disconnected', 'failed') or (g.kind = 'unconfirmed' and g.asked < 2))`;

const ENDS = `select ${msOf('upper(c.covered)')} as end_ms
  from unnest($1::varchar[], $2::varchar[]) with ordinality as a (symbol, timeframe, place)
  left join coverage c on c.symbol = a.symbol and c.timeframe = a.timeframe
  order by a.place`;

const spanMs = (ranges: string): string =>
  `(select coalesce(sum(extract(epoch from upper(part) - lower(part))), 0)::float8 * 1000
    from unnest(${ranges}) as part)`;

const TALLY = `with needed as (
    select place, symbol, timeframe, tstzrange("from", "to") as period
    from unnest($1::varchar[], $2::varchar[], $3::timestamptz[], $4::timestamptz[])
      with ordinality as a (symbol, timeframe, "from", "to", place)),
  gaps as (
    select n.place,
      coalesce(range_agg(g.period * n.period) filter (where ${UNPROVEN}), '{}') as unproven,
      coalesce(range_agg(g.period * n.period) filter (where not ${UNPROVEN}), '{}') as proven
    from needed n join gap g on g.symbol = n.symbol and g.timeframe = n.timeframe
      and g.closed_at is null and g.period && n.period
    group by n.place)
  select ${spanMs(`(multirange(n.period) - coalesce(c.covered, '{}')) + coalesce(g.unproven, '{}')`)}
      as missing_ms,
    ${spanMs(`coalesce(g.proven, '{}')`)} as explained_ms
  from needed n left join coverage c on c.symbol = n.symbol and c.timeframe = n.timeframe
  left join gaps g on g.place = n.place
  order by n.place`;

interface TallyColumns {
  readonly missing_ms: number;
  readonly explained_ms: number;
}

/** Where the settled candles of each series end, ms; undefined: it has none. */
export async function readEnds(
  database: Queryable,
  series: readonly Series[],
): Promise<(Series & { readonly endMs: number | undefined })[]> {
  const { rows } = await database.query<{ end_ms: number | null }>(ENDS, [
    series.map(({ symbol }) => symbol),
    series.map(({ timeframe }) => timeframe),
  ]);
  return series.map((each, i) => ({ ...each, endMs: rows[i]?.end_ms ?? undefined }));
}

/** Which of these candles are stored or explained. */
export async function readTally(
  database: Queryable,
  needed: readonly NeededCandles[],
): Promise<SeriesTally[]> {
  const { rows } = await database.query<TallyColumns>(TALLY, [
    needed.map(({ symbol }) => symbol),
    needed.map(({ timeframe }) => timeframe),
    timestampArray(Float64Array.from(needed, ({ fromMs }) => fromMs)),
    timestampArray(Float64Array.from(needed, ({ toMs }) => toMs)),
  ]);
  return needed.map(({ symbol, timeframe, fromMs, toMs }, i) => {
    const lengthMs = timeframeMs(timeframe);
    const { missing_ms: missingMs = 0, explained_ms: explainedMs = 0 } = rows[i] ?? {};
    return {
      ...{ symbol, timeframe },
      closed: (toMs - fromMs) / lengthMs,
      explained: explainedMs / lengthMs,
      missing: missingMs / lengthMs,
    };
  });
}
