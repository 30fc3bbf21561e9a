import type { Series } from '../../domain/series.js';
import { subtract, type TimeRanges } from '../../domain/time-range.js';
import type { Queryable } from '../database.js';
import { msOf } from '../encode.js';

/** The reason of gaps that retention has closed: no candles came to them. */
export const REMOVED_REASON = 'removed by retention';

const HORIZON = `select ${msOf('horizon')} as horizon_ms from retention where timeframe = $1`;

/**
 * What of `ranges` retention keeps: what it has removed is not missing, so nobody may settle it as a
 * gap. Rows are refused by the database itself.
 */
export async function keptOf(
  database: Queryable,
  { timeframe }: Pick<Series, 'timeframe'>,
  ranges: TimeRanges,
): Promise<TimeRanges> {
  const { rows } = await database.query<{ horizon_ms: number }>(HORIZON, [timeframe]);
  const horizonMs = rows[0]?.horizon_ms;
  return horizonMs === undefined
    ? ranges
    : subtract(ranges, [{ fromMs: Number.NEGATIVE_INFINITY, toMs: horizonMs }]);
}
