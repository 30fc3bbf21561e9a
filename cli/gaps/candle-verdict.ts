import type { TimeRange } from '../../domain/time-range.js';
import { isProven, type MissingReason } from '../../storage/completeness.js';
import type { CandleFacts } from '../../storage/explain.js';

/**
 * What is true of one candle: `stored`, why it is missing, or `unrecorded`: a row is there that nothing
 * is recorded of, which `m1 verify` finds.
 */
export type CandleStatus = 'stored' | 'unrecorded' | MissingReason;

/**
 * @param period the candle
 * @param reachedMs a moment that the exchange's clock is known to have reached
 */
export function candleStatus(
  facts: CandleFacts,
  { fromMs, toMs }: TimeRange,
  reachedMs: number,
): CandleStatus {
  const { values, covered, gap, firstDayMs, horizonMs, openCandleMs } = facts;
  if (gap !== undefined) return gap.kind;
  if (covered) return values === undefined ? 'lost' : 'stored';
  if (values !== undefined) return openCandleMs === fromMs ? 'open' : 'unrecorded';
  if (fromMs > reachedMs) return 'future';
  if (toMs > reachedMs) return 'open';
  if (firstDayMs !== undefined && toMs <= firstDayMs) return 'before_listing';
  return horizonMs !== undefined && fromMs < horizonMs ? 'removed' : 'never_asked';
}

/** Whether the candle is there, or is known not to exist. */
export function isAccountedFor(status: CandleStatus): boolean {
  return status === 'stored' || (status !== 'unrecorded' && isProven(status));
}
