import type { DueGap, LeftOpen } from '../../storage/make-due.js';
import { formatCount, formatMinute, plural } from './format.js';
import { candlesIn, nextAskText } from './gap-lines.js';
import { renderTable } from './table.js';

/** What became of gaps that were asked for. */
export interface RepairReport {
  readonly gaps: readonly DueGap[];
  /** What of them is still missing. */
  readonly left: readonly LeftOpen[];
  readonly nowMs: number;
}

/** Gaps that are listed; the rest are counted. */
const LISTED = 20;

const COLUMNS = [
  { title: '  SYMBOL' },
  { title: 'TIMEFRAME' },
  { title: 'FROM (UTC)' },
  { title: 'TO (UTC)' },
  { title: 'CANDLES', align: 'right' },
  { title: 'KIND' },
  { title: 'NEXT ASK' },
] as const;

const UNCOUNTED =
  'an answer that comes before the next ask of GAP_REASK proves nothing, and is not counted as asked';

/** What was repaired and what the exchange still lacks. */
export function repairLines({ gaps, left, nowMs }: RepairReport): string[] {
  const missing = sum(left);
  const repaired = `repaired: ${plural(sum(gaps) - missing, 'candle')}`;
  if (left.length === 0) return [`${repaired}, nothing is left`];
  const hidden = left.length - LISTED;
  return [
    repaired,
    `the exchange still lacks ${plural(missing, 'candle')}:`,
    ...renderTable(
      COLUMNS,
      left
        .slice(0, LISTED)
        .map((gap) => [
          `  ${gap.symbol}`,
          gap.timeframe,
          formatMinute(gap.period.fromMs),
          formatMinute(gap.period.toMs),
          formatCount(candlesIn(gap)),
          gap.kind,
          nextAskText(gap.nextAskMs, nowMs),
        ]),
    ),
    ...(hidden > 0 ? [`  and ${plural(hidden, 'gap')} more: m1 gaps list`] : []),
    ...(left.some(({ kind, answered }) => kind === 'unconfirmed' && !answered) ? [UNCOUNTED] : []),
  ];
}

function sum(gaps: readonly DueGap[]): number {
  return gaps.reduce((total, gap) => total + candlesIn(gap), 0);
}
