import type { Series } from '../domain/series.js';
import type { TimeRange, TimeRanges } from '../domain/time-range.js';
import type { Queryable } from './database.js';
import { msOf, timestampArray } from './encode.js';
import { GAP_COLUMNS, gapRow, type GapColumns, type GapRow } from './gap-rows.js';

/** What is known of a series whose lock the transaction holds. */
export interface LockedSeries {
  /** End of all that is settled, at least the horizon of the retention; undefined: nothing is. */
  readonly endMs: number | undefined;
  /** What is settled within the period asked for. */
  readonly covered: TimeRanges;
  /** Open gaps that overlap the period, in order of time. */
  readonly gaps: readonly GapRow[];
}

const ASKED = `unnest($1::varchar[], $2::varchar[], $3::timestamptz[], $4::timestamptz[])
    with ordinality as a (symbol, timeframe, "from", "to", place)`;

const COVERED = `select a.place::int,
    case when not isempty(c.covered) then ${msOf('greatest(upper(c.covered), r.horizon)')} end as end_ms,
    ${msOf('lower(part)')} as from_ms, ${msOf('upper(part)')} as to_ms
  from ${ASKED} join coverage c on c.symbol = a.symbol and c.timeframe = a.timeframe
  left join retention r on r.timeframe = a.timeframe
  left join lateral unnest(c.covered * multirange(tstzrange(a."from", a."to"))) as part on true
  order by a.place, lower(part)`;

const GAPS = `select a.place::int, ${GAP_COLUMNS}
  from ${ASKED} join gap g on g.symbol = a.symbol and g.timeframe = a.timeframe
    and g.closed_at is null and lower(g.period) < a."to" and g.period && tstzrange(a."from", a."to")
  order by a.place, lower(g.period)`;

interface CoveredColumns {
  readonly place: number;
  readonly end_ms: number | null;
  readonly from_ms: number | null;
  readonly to_ms: number | null;
}

/** Reads many series at once. @returns one entry a series, in the order asked for */
export async function readLocked(
  transaction: Queryable,
  asked: readonly (Series & { readonly period: TimeRange })[],
): Promise<LockedSeries[]> {
  const values = [
    asked.map(({ symbol }) => symbol),
    asked.map(({ timeframe }) => timeframe),
    timestampArray(Float64Array.from(asked, ({ period }) => period.fromMs)),
    timestampArray(Float64Array.from(asked, ({ period }) => period.toMs)),
  ];
  const covered = await transaction.query<CoveredColumns>(COVERED, values);
  const gaps = await transaction.query<GapColumns & { readonly place: number }>(GAPS, values);
  const states = asked.map(() => ({
    endMs: undefined as number | undefined,
    covered: [] as TimeRange[],
    gaps: [] as GapRow[],
  }));
  for (const { place, end_ms: endMs, from_ms: fromMs, to_ms: toMs } of covered.rows) {
    const state = states[place - 1];
    if (state === undefined || endMs === null) continue;
    state.endMs = endMs;
    if (fromMs !== null && toMs !== null) state.covered.push({ fromMs, toMs });
  }
  for (const { place, ...columns } of gaps.rows) states[place - 1]?.gaps.push(gapRow(columns));
  return states;
}
