import { formatMinute } from '../../../domain/format.js';
import type { GapKind } from '../../../domain/gap.js';

export const GAP_NAMES: Readonly<Record<GapKind, string>> = {
  unconfirmed: 'unconfirmed',
  no_trades: 'no trades',
  before_listing: 'before listing',
  after_delisting: 'after delisting',
  venue_outage: 'venue outage',
  failed: 'failed',
  disconnected: 'disconnected',
};

/** `2026-01-31 08:05 to 09:10`, with the second date where it is another one. */
export function spanText(fromMs: number, toMs: number): string {
  const from = formatMinute(fromMs);
  const to = formatMinute(toMs);
  const sameDay = from.slice(0, 10) === to.slice(0, 10);
  return `${from} to ${sameDay ? to.slice(11) : to}`;
}
