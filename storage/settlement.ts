import type { Series } from '../domain/series.js';
import type { FetchOrigin } from '../domain/stores.js';
import { normalise, subtract, type TimeRange, type TimeRanges } from '../domain/time-range.js';
import type { Queryable } from './database.js';
import { msOf, multirange, nullableTimestamp, range, timestamp, timestampArray } from './encode.js';
import {
  GAP_COLUMNS,
  gapRow,
  gapsJson,
  insertGaps,
  updateGaps,
  type GapColumns,
  type GapDraft,
  type GapOfSeries,
  type GapRow,
} from './gap-rows.js';
import { deleteStale } from './stale-rows.js';

/*
 * What is known of a series changes only under the lock of its row in coverage, which every writer
 * takes after its rows in ohlcv. A statement after the lock sees all that was committed before it.
 */

/** All that a series can hold. */
export const EVER: TimeRange = { fromMs: 0, toMs: Date.UTC(9999, 0, 1) };

const LOCK = `with locked as (
    select covered from coverage where symbol = $1 and timeframe = $2 for update)
  select ${msOf('lower(part)')} as from_ms, ${msOf('upper(part)')} as to_ms
  from locked left join lateral unnest(covered * multirange($3::tstzrange)) as part on true`;

const CREATE = `insert into coverage (symbol, timeframe) values ($1, $2) on conflict do nothing`;

const OPEN_GAPS = `select ${GAP_COLUMNS} from gap
  where symbol = $1 and timeframe = $2 and closed_at is null
    and lower(period) < upper($3::tstzrange) and period && $3::tstzrange
  order by lower(period)`;

/**
 * Locks the series until the transaction ends.
 *
 * @returns what is covered within `window`
 */
export async function lockSeries(
  transaction: Queryable,
  { symbol, timeframe }: Series,
  window: TimeRange,
): Promise<TimeRanges> {
  const values = [symbol, timeframe, range(window)];
  let { rows } = await transaction.query<RangeColumns>(LOCK, values);
  if (rows.length === 0) {
    await transaction.query(CREATE, [symbol, timeframe]);
    ({ rows } = await transaction.query<RangeColumns>(LOCK, values));
  }
  return rows.flatMap(({ from_ms: fromMs, to_ms: toMs }) =>
    fromMs === null || toMs === null ? [] : [{ fromMs, toMs }],
  );
}

interface RangeColumns {
  readonly from_ms: number | null;
  readonly to_ms: number | null;
}

/** The open gaps of the series that overlap `window`, in order of time. */
export async function openGaps(
  transaction: Queryable,
  { symbol, timeframe }: Series,
  window: TimeRange,
): Promise<GapRow[]> {
  const { rows } = await transaction.query<GapColumns>(OPEN_GAPS, [
    ...[symbol, timeframe],
    range(window),
  ]);
  return rows.map(gapRow);
}

/** What of `covered` is stored: the rest of it is listed in `gaps`. */
export function storedSpans(covered: TimeRanges, gaps: readonly GapRow[]): TimeRanges {
  return subtract(covered, normalise(gaps.map(({ period }) => period)));
}

/** Whether the moment lies in one of `ranges`. */
export function within(ranges: TimeRanges, timeMs: number): boolean {
  return ranges.some(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs);
}

/** What is to be written once the lock is held. */
export interface Settlement {
  readonly settled: TimeRanges;
  /** Closed candles that are stored now and were not before. */
  readonly added: number;
  readonly updates: readonly GapRow[];
  readonly inserts: readonly GapDraft[];
  /** Gaps that may hold the row of an open candle, besides those inserted. */
  readonly stale?: TimeRanges;
  readonly firstCandleMs?: number | undefined;
  readonly openCandleMs?: number | undefined;
  /** The request behind it; undefined when there was no answer. */
  readonly fetch?: {
    readonly period: TimeRange;
    readonly origin: FetchOrigin;
    readonly askedAtMs: number;
    /** Closed candles in the answer. */
    readonly rows: number;
  };
}

/** Arrays, one parameter a column, because the planner knows their length. */
const WRITE_COVERAGE = `update coverage c set
    covered = c.covered + s.settled::tstzmultirange,
    candles = c.candles + s.added::bigint,
    first_candle = least(c.first_candle, s.first_candle::timestamptz),
    open_candle = greatest(c.open_candle, s.open_candle::timestamptz)
  from unnest($1::varchar[], $2::varchar[], $3::text[], $4::text[], $5::text[], $6::text[])
    as s (symbol, timeframe, settled, added, first_candle, open_candle)
  where c.symbol = s.symbol and c.timeframe = s.timeframe`;

/** Its outer bounds are constants, which spares a hypertable its other chunks. */
const DELETE_STALE = deleteStale(
  `unnest($1::varchar[], $2::varchar[], $3::timestamptz[], $4::timestamptz[])
    as s (symbol, timeframe, "from", "to")`,
  `r."timestamp" >= $5::timestamptz and r."timestamp" < $6::timestamptz`,
);

const WRITE_FETCH = `insert into "fetch"
    (symbol, timeframe, period, source, workflow_id, run_id, asked_at, rows, added)
  values ($1, $2, $3::tstzrange, $4, $5, $6, $7::timestamptz, $8, $9)`;

/** Writes coverage, gaps and the fetch record of a series whose lock the transaction holds. */
export async function writeSettlement(
  transaction: Queryable,
  series: Series,
  settlement: Settlement,
): Promise<void> {
  await writeSettlements(transaction, [{ series, ...settlement }]);
  if (settlement.fetch === undefined) return;
  const { period, origin, askedAtMs, rows } = settlement.fetch;
  await transaction.query(WRITE_FETCH, [
    ...[series.symbol, series.timeframe, range(period)],
    ...[origin.source, origin.workflowId, origin.runId],
    ...[timestamp(askedAtMs), rows, settlement.added],
  ]);
}

/** What is to be written of one of many series. */
export type SettlementOfSeries = Omit<Settlement, 'fetch'> & { readonly series: Series };

/**
 * Writes coverage and gaps of series whose locks the transaction holds, in as many statements as for
 * one.
 */
export async function writeSettlements(
  transaction: Queryable,
  settlements: readonly SettlementOfSeries[],
): Promise<void> {
  await transaction.query(WRITE_COVERAGE, [
    settlements.map(({ series }) => series.symbol),
    settlements.map(({ series }) => series.timeframe),
    settlements.map(({ settled }) => multirange(settled)),
    settlements.map(({ added }) => added),
    settlements.map(({ firstCandleMs }) => nullableTimestamp(firstCandleMs)),
    settlements.map(({ openCandleMs }) => nullableTimestamp(openCandleMs)),
  ]);
  const ofSeries = (what: 'updates' | 'inserts'): GapOfSeries[] =>
    settlements.flatMap((one) => one[what].map((gap) => ({ ...gap, ...one.series })));
  const updates = ofSeries('updates');
  const inserts = ofSeries('inserts');
  if (updates.length > 0) await transaction.query(updateGaps('$1'), [gapsJson(updates)]);
  if (inserts.length > 0) await transaction.query(insertGaps('$1'), [gapsJson(inserts)]);
  await removeStale(transaction, settlements.flatMap(staleSpans));
}

/** Where the row of an open candle may lie in what is a gap now. */
function staleSpans({ series, stale = [], inserts }: SettlementOfSeries): (Series & TimeRange)[] {
  const opened = inserts.filter((gap) => gap.closedAtMs === undefined).map(({ period }) => period);
  return normalise([...stale, ...opened]).map((span) => ({ ...series, ...span }));
}

async function removeStale(
  transaction: Queryable,
  spans: readonly (Series & TimeRange)[],
): Promise<void> {
  if (spans.length === 0) return;
  const from = Float64Array.from(spans, ({ fromMs }) => fromMs);
  const to = Float64Array.from(spans, ({ toMs }) => toMs);
  await transaction.query(DELETE_STALE, [
    spans.map(({ symbol }) => symbol),
    spans.map(({ timeframe }) => timeframe),
    ...[timestampArray(from), timestampArray(to)],
    ...[timestamp(earliest(from)), timestamp(latest(to))],
  ]);
}

const earliest = (timesMs: Float64Array): number => timesMs.reduce((a, b) => Math.min(a, b));
const latest = (timesMs: Float64Array): number => timesMs.reduce((a, b) => Math.max(a, b));
