import type { GapKind, GapRecord } from '../domain/gap.js';
import type { Series } from '../domain/series.js';
import type { TimeRange } from '../domain/time-range.js';
import type { Timeframe } from '../domain/timeframe.js';
import type { Queryable } from './database.js';
import { range as rangeText, timestamp } from './encode.js';
import { GAP_COLUMNS, gapRow, type GapColumns } from './gap-rows.js';

/** Which gaps to read; what is absent matches all. */
export interface GapFilter {
  readonly symbols?: readonly string[] | undefined;
  readonly timeframes?: readonly Timeframe[] | undefined;
  readonly kinds?: readonly GapKind[] | undefined;
  /** Gaps that overlap it. They are read whole. */
  readonly range?: TimeRange | undefined;
  /** Default: closed ones as well. */
  readonly openOnly?: boolean | undefined;
  /** Goes on after this gap of the page before. */
  readonly after?: GapRecord | undefined;
  /** Default 1000. */
  readonly limit?: number | undefined;
}

export interface GapPage {
  /** By symbol, shortest timeframe first, then time. */
  readonly gaps: readonly GapRecord[];
  /** Whether gaps follow: ask again with `after` set to the last one. */
  readonly more: boolean;
}

const ORDER = `symbol collate "C", m1_timeframe(timeframe), lower(period), id`;

const READ = `select symbol, timeframe, ${GAP_COLUMNS} from gap
  where ($1::varchar[] is null or symbol = any($1))
    and ($2::varchar[] is null or timeframe = any($2))
    and ($3::text[] is null or kind = any($3))
    and ($4::tstzrange is null or period && $4 and lower(period) < upper($4))
    and (not $5::boolean or closed_at is null)
    and ($6::varchar is null
      or (${ORDER}) > ($6 collate "C", m1_timeframe($7::varchar), $8::timestamptz, $9::bigint))
  order by ${ORDER} limit $10`;

/**
 * Reads gaps with their evidence, one page. A long hole may be several gaps that touch: the pages in
 * which it was asked for cut it.
 */
export async function readGaps(database: Queryable, filter: GapFilter = {}): Promise<GapPage> {
  const { symbols, timeframes, kinds, range, after, openOnly = false, limit = 1_000 } = filter;
  const { rows } = await database.query<Series & GapColumns>(READ, [
    ...[listOf(symbols), listOf(timeframes), listOf(kinds)],
    range === undefined ? null : rangeText(range),
    openOnly,
    ...(after === undefined
      ? [null, null, null, null]
      : [after.symbol, after.timeframe, timestamp(after.period.fromMs), after.id]),
    limit + 1,
  ]);
  const gaps = rows.slice(0, limit).map((columns): GapRecord => {
    const { symbol, timeframe } = columns;
    return { symbol, timeframe, ...gapRow(columns) };
  });
  return { gaps, more: rows.length > limit };
}

function listOf<Item>(items: readonly Item[] | undefined): Item[] | null {
  return items === undefined ? null : [...items];
}
