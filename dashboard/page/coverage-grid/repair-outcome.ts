import type { ListedGap } from '../../api.js';
import { plural } from '../../../domain/format.js';

/**
 * What came of a repair.
 *
 * @param asked the gaps that it was to ask for, as they were before
 * @param now the gaps of the same days
 * @returns undefined while it has not asked for all of them
 */
export function repairOutcome(
  asked: readonly ListedGap[],
  now: readonly ListedGap[],
): string | undefined {
  const left = asked.map((gap) => now.filter((one) => isPartOf(one, gap)));
  const isAnswered = left.every((parts, index) =>
    parts.every(({ lastAskedMs = 0 }) => lastAskedMs > (asked[index]?.lastAskedMs ?? 0)),
  );
  if (!isAnswered) return undefined;
  const missing = left.filter((parts) => parts.length > 0);
  const closed = `${plural(asked.length - missing.length, 'gap')} closed`;
  if (missing.length === 0) return `${closed}.`;
  const parts = missing.flat();
  if (parts.some(({ kind }) => kind === 'failed'))
    return `${closed}, ${missing.length} still missing: ByBit gave no usable answer.`;
  const times = plural(Math.max(...parts.map((part) => part.asked)), 'time');
  return `${closed}, ${missing.length} still missing: ByBit does not have them (asked ${times}).`;
}

/** A gap that is partly closed goes on as one or more smaller ones. */
function isPartOf(part: ListedGap, { symbol, timeframe, fromMs, toMs }: ListedGap): boolean {
  const isSame = part.symbol === symbol && part.timeframe === timeframe;
  return isSame && part.fromMs < toMs && fromMs < part.toMs;
}
