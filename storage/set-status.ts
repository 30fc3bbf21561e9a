import { TIMEFRAMES } from '../domain/timeframe.js';
import type { Queryable } from './database.js';
import { msOf, timestamp } from './encode.js';
import { REMOVED_REASON } from './retention/kept.js';
import type { SeriesStatus } from './status.js';

/** How the pairs that are kept up to date are doing. */
export interface SetStatus {
  readonly symbols: number;
  readonly series: number;
  /** Mean over the series, 0 to 1; undefined before anything was asked of them. */
  readonly completeness: number | undefined;
  /** Open gaps without those before the listing and after the delisting. */
  readonly gaps: number;
  /** Local clock when a sync chose the pairs last, ms. */
  readonly syncedAtMs: number;
  /** Of the last day; undefined when nothing was repaired. */
  readonly repair: RepairTimes | undefined;
}

/** From a gap found to its candles stored. */
export interface RepairTimes {
  readonly gaps: number;
  readonly medianMs: number;
  readonly slowestMs: number;
}

const DAY_MS = 86_400_000;

const REPAIRED = `with repaired as (
    select extract(epoch from closed_at - found_at)::float8 * 1000 as took
    from gap where closed_at >= $1::timestamptz and reason is distinct from $2)
  select count(*)::float8 as gaps, max(took) as slowest_ms,
    percentile_cont(0.5) within group (order by took) as median_ms
  from repaired`;

interface RepairedColumns {
  readonly gaps: number;
  readonly slowest_ms: number | null;
  readonly median_ms: number | null;
}

/**
 * @param series what is known of all series
 * @param nowMs local clock
 * @returns undefined when no pair was ever kept up to date
 */
export async function readSetStatus(
  database: Queryable,
  series: readonly SeriesStatus[],
  nowMs: number,
): Promise<SetStatus | undefined> {
  const followed = await database.query<{ symbol: string; synced_ms: number }>(
    `select symbol, ${msOf('synced_at')} as synced_ms from followed`,
  );
  if (followed.rows.length === 0) return undefined;
  const { rows } = await database.query<RepairedColumns>(REPAIRED, [
    ...[timestamp(nowMs - DAY_MS), REMOVED_REASON],
  ]);
  const symbols = new Set(followed.rows.map(({ symbol }) => symbol));
  const own = series.filter(({ symbol }) => symbols.has(symbol));
  const known = own.flatMap(({ completeness }) => completeness ?? []);
  const all = symbols.size * TIMEFRAMES.length;
  return {
    symbols: symbols.size,
    series: all,
    // a series that nothing is known of yet is not complete
    completeness: known.length === 0 ? undefined : known.reduce((a, b) => a + b, 0) / all,
    gaps: own.reduce((sum, { gaps }) => sum + gaps, 0),
    syncedAtMs: Math.max(...followed.rows.map(({ synced_ms: syncedMs }) => syncedMs)),
    repair: repairTimes(rows[0]),
  };
}

function repairTimes(row: RepairedColumns | undefined): RepairTimes | undefined {
  if (row === undefined || row.median_ms === null || row.slowest_ms === null) return undefined;
  return { gaps: row.gaps, medianMs: row.median_ms, slowestMs: row.slowest_ms };
}
