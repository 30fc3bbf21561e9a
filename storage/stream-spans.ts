import type { Series } from '../domain/series.js';
import type { FetchOrigin } from '../domain/stores.js';
import type { TimeRange } from '../domain/time-range.js';
import type { Queryable } from './database.js';
import { timestamp, timestampArray } from './encode.js';
import { seriesKey } from './series-order.js';

/** What the stream brought of one series. */
export interface StreamSpan {
  readonly series: Series;
  readonly period: TimeRange;
  /** Closed candles. */
  readonly rows: number;
  /** Those of them that were not stored before. */
  readonly added: number;
}

const BROUGHT = `unnest($1::varchar[], $2::varchar[], $3::timestamptz[], $4::timestamptz[],
    $5::int[], $6::int[]) as b (symbol, timeframe, "from", "to", rows, added)`;

/**
 * The longest of the run's spans that end where the new one begins grows by it, up to a day, so that
 * a day of candles is a row or two. The lock of the series, which the caller holds, keeps other
 * writers of its spans away.
 */
const EXTEND = `update "fetch" f set period = tstzrange(lower(f.period), t."to"),
    rows = f.rows + t.rows, added = f.added + t.added
  from (
    select b.*, (
      select f.ctid from "fetch" f
      where f.symbol = b.symbol and f.timeframe = b.timeframe and upper(f.period) = b."from"
        and f.source = 'ws' and f.workflow_id = $7 and f.run_id = $8
        and b."to" - lower(f.period) <= interval '1 day'
      order by lower(f.period) limit 1) as place
    from ${BROUGHT}) as t
  where f.ctid = t.place
  returning f.symbol, f.timeframe`;

const BEGIN = `insert into "fetch"
    (symbol, timeframe, period, source, workflow_id, run_id, asked_at, rows, added)
  select b.symbol, b.timeframe, tstzrange(b."from", b."to"), 'ws', $7, $8, $9::timestamptz,
    b.rows, b.added
  from ${BROUGHT}`;

/** Records which run's stream brought these candles; at most one span a series. */
export async function recordSpans(
  transaction: Queryable,
  spans: readonly StreamSpan[],
  { origin, nowMs }: { readonly origin: FetchOrigin; readonly nowMs: number },
): Promise<void> {
  if (spans.length === 0) return;
  const run = [origin.workflowId, origin.runId];
  const { rows } = await transaction.query<Series>(EXTEND, [...spanValues(spans), ...run]);
  const extended = new Set(rows.map(seriesKey));
  const others = spans.filter(({ series }) => !extended.has(seriesKey(series)));
  if (others.length === 0) return;
  await transaction.query(BEGIN, [...spanValues(others), ...run, timestamp(nowMs)]);
}

/** Parameters $1 to $6. */
function spanValues(spans: readonly StreamSpan[]): unknown[] {
  return [
    spans.map(({ series }) => series.symbol),
    spans.map(({ series }) => series.timeframe),
    timestampArray(Float64Array.from(spans, ({ period }) => period.fromMs)),
    timestampArray(Float64Array.from(spans, ({ period }) => period.toMs)),
    spans.map(({ rows }) => rows),
    spans.map(({ added }) => added),
  ];
}
