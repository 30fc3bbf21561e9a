import type { StoredCount } from '../../api.js';
import { formatCount, plural } from '../../../domain/format.js';

/** `Counted in the table: 221 of 288 candles. 67 recorded as stored are gone: …`. */
export function rowCountText(counts: readonly StoredCount[]): string {
  const sum = (of: (count: StoredCount) => number): number =>
    counts.reduce((total, count) => total + of(count), 0);
  const lost = sum((count) => count.lost);
  const stored = `${formatCount(sum((count) => count.stored))} of ${plural(
    sum((count) => count.candles),
    'candle',
  )}`;
  const gone = `${formatCount(lost)} recorded as stored are gone: m1 verify --repair loads them again.`;
  return `Counted in the table: ${stored}.${lost === 0 ? '' : ` ${gone}`}`;
}
