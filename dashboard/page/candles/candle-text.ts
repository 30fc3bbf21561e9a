import type { UnfinishedParts } from '../../api.js';
import { formatMinute, formatShort } from '../../../domain/format.js';
import type { Candle } from './candle-points.js';

/** `2026-01-31 08:05  O 1  H 2  L 1  C 2  V 12.3k`, and what one that is under way is made of. */
export function candleText(
  [timeMs, open, high, low, close, volume]: Candle,
  parts: UnfinishedParts | undefined,
): string {
  const figures = {
    ...{ O: open, H: high, L: low, C: close },
    V: volume === null ? '–' : formatShort(volume),
  };
  // a letter stays beside its figure when the line is too long for a phone
  const pairs = Object.entries(figures).map(([letter, figure]) => `${letter}\u00a0${figure}`);
  const text = `${formatMinute(timeMs)}  ${pairs.join('  ')}`;
  return parts === undefined ? text : `${text} · ${partsText(timeMs, parts)}`;
}

function partsText(openMs: number, { read, pricesSinceMs }: UnfinishedParts): string {
  if (pricesSinceMs === undefined) return 'so far, as it was last read';
  if (pricesSinceMs <= openMs) return 'so far';
  const prices = `the prices since ${formatMinute(pricesSinceMs).slice(11)}`;
  return read ? `so far, from an earlier reading and ${prices}` : `so far, from ${prices}`;
}
