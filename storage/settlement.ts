import type { Series } from '../domain/series.js';
import type { FetchOrigin } from '../domain/stores.js';
import { normalise, type TimeRange, type TimeRanges } from '../domain/time-range.js';
import type { Queryable } from './database.js';
import { msOf, multirange, nullableTimestamp, range, timestamp } from './encode.js';
import {
  GAP_COLUMNS,
  gapRow,
  gapsJson,
  insertGaps,
  updateGaps,
  type GapColumns,
  type GapDraft,
  type GapRow,
} from './gap-rows.js';
import { deleteStale } from './stale-rows.js';

/*
 * What is known of a series changes only under the lock of its row in coverage, which every writer
 * takes after its rows in ohlcv. A statement after the lock sees all that was committed before it.
 */

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

const WRITE_COVERAGE = `update coverage set
    covered = covered + $3::tstzmultirange,
    candles = candles + $4::bigint,
    first_candle = least(first_candle, $5::timestamptz),
    open_candle = greatest(open_candle, $6::timestamptz)
  where symbol = $1 and timeframe = $2`;

const DELETE_STALE = deleteStale(`(
  select $1::varchar as symbol, $2::varchar as timeframe, lower(part) as "from", upper(part) as "to"
  from unnest($3::tstzmultirange) as part) as s`);

const WRITE_FETCH = `insert into "fetch"
    (symbol, timeframe, period, source, workflow_id, run_id, asked_at, rows, added)
  values ($1, $2, $3::tstzrange, $4, $5, $6, $7::timestamptz, $8, $9)`;

/** Writes coverage, gaps and the fetch record of a series whose lock the transaction holds. */
export async function writeSettlement(
  transaction: Queryable,
  { symbol, timeframe }: Series,
  settlement: Settlement,
): Promise<void> {
  const { settled, added, updates, inserts, fetch } = settlement;
  const key = [symbol, timeframe];
  await transaction.query(WRITE_COVERAGE, [
    ...key,
    multirange(settled),
    added,
    nullableTimestamp(settlement.firstCandleMs),
    nullableTimestamp(settlement.openCandleMs),
  ]);
  if (updates.length > 0) await transaction.query(updateGaps('$1'), [gapsJson(updates)]);
  if (inserts.length > 0) await transaction.query(insertGaps('$3'), [...key, gapsJson(inserts)]);
  const stale = normalise([
    ...(settlement.stale ?? []),
    ...inserts.filter((gap) => gap.closedAtMs === undefined).map(({ period }) => period),
  ]);
  if (stale.length > 0) await transaction.query(DELETE_STALE, [...key, multirange(stale)]);
  if (fetch === undefined) return;
  const { period, origin, askedAtMs, rows } = fetch;
  await transaction.query(WRITE_FETCH, [
    ...[...key, range(period), origin.source, origin.workflowId, origin.runId],
    ...[timestamp(askedAtMs), rows, added],
  ]);
}
