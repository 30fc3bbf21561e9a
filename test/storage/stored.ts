import type { GapKind } from '../../domain/gap.js';
import type { Series } from '../../domain/series.js';
import { rowSpans } from '../../domain/settle.js';
import { intersect, normalise, union, type TimeRange } from '../../domain/time-range.js';
import { timeframeMs } from '../../domain/timeframe.js';
import type { Database } from '../../storage/database.js';
import { msOf } from '../../storage/encode.js';
import { SERIES } from './pages.js';

export interface StoredGap extends TimeRange {
  readonly kind: GapKind;
  readonly asked: number;
  readonly nextAskMs: number | null;
  readonly open: boolean;
}

/** All that is stored of one series. */
export interface Stored {
  /** Open times of all rows, open candles too. */
  readonly rowsMs: readonly number[];
  readonly covered: readonly TimeRange[];
  readonly candles: number;
  readonly firstCandleMs: number | null;
  readonly gaps: readonly StoredGap[];
}

export async function readStored(database: Database, series: Series = SERIES): Promise<Stored> {
  const key = [series.symbol, series.timeframe];
  const where = 'where symbol = $1 and timeframe = $2';
  const rows = await database.query<{ ms: number }>(
    `select ${msOf('"timestamp"')} as ms from ohlcv ${where} order by 1`,
    key,
  );
  const coverage = await database.query<{ candles: number; first: number | null }>(
    `select candles::float8 as candles, ${msOf('first_candle')} as first from coverage ${where}`,
    key,
  );
  const covered = await database.query<TimeRange>(
    `select ${msOf('lower(part)')} as "fromMs", ${msOf('upper(part)')} as "toMs"
     from coverage, unnest(covered) as part ${where} order by 1`,
    key,
  );
  const gaps = await database.query<StoredGap>(
    `select ${msOf('lower(period)')} as "fromMs", ${msOf('upper(period)')} as "toMs", kind, asked,
       ${msOf('next_ask')} as "nextAskMs", closed_at is null as open
     from gap ${where} order by 1, closed_at nulls first`,
    key,
  );
  return {
    rowsMs: rows.rows.map(({ ms }) => ms),
    covered: covered.rows,
    candles: coverage.rows[0]?.candles ?? 0,
    firstCandleMs: coverage.rows[0]?.first ?? null,
    gaps: gaps.rows,
  };
}

/**
 * What breaks the invariant: covered = closed rows + open gaps, the two disjoint, and `candles`
 * counts the closed rows. Empty when it holds.
 */
export function broken({ rowsMs, covered, candles, gaps }: Stored, series = SERIES): string[] {
  const lengthMs = timeframeMs(series.timeframe);
  const isCovered = (timeMs: number): boolean =>
    covered.some(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs);
  const closed = rowsMs.filter(isCovered);
  const spans = rowSpans(Float64Array.from(closed), lengthMs);
  const open = gaps.filter((gap) => gap.open);
  const gapSpans = normalise(open);
  const faults: string[] = [];
  if (intersect(spans, gapSpans).length > 0) faults.push('a row lies in an open gap');
  if (JSON.stringify(strip(union(spans, gapSpans))) !== JSON.stringify(strip(covered))) {
    faults.push('covered is not rows + gaps');
  }
  if (closed.length !== candles) faults.push(`${closed.length} rows, candles says ${candles}`);
  if (sum(open) !== sum(gapSpans)) faults.push('open gaps overlap');
  return faults;
}

function strip(ranges: readonly TimeRange[]): TimeRange[] {
  return ranges.map(({ fromMs, toMs }) => ({ fromMs, toMs }));
}

function sum(ranges: readonly TimeRange[]): number {
  return ranges.reduce((total, { fromMs, toMs }) => total + toMs - fromMs, 0);
}
