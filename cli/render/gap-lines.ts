import type { GapRecord } from '../../domain/gap.js';
import { SIMULATED_SOURCE } from '../../domain/source.js';
import { normalise, type TimeRange } from '../../domain/time-range.js';
import { timeframeMs, type Timeframe } from '../../domain/timeframe.js';
import { formatCount, formatMinute, formatSeconds, plural } from './format.js';
import { renderTable } from './table.js';

/** Stands above every view of made-up data. */
export function simulatedLines(source: string | undefined): string[] {
  return source === SIMULATED_SOURCE
    ? ['SIMULATED: these candles were made up by the local simulator']
    : [];
}

/** What `m1 gaps list` shows. */
export interface GapReport {
  readonly gaps: readonly GapRecord[];
  /** Gaps outside the life of their pairs, which are not shown. */
  readonly hidden: number;
  readonly source: string | undefined;
  readonly nowMs: number;
}

/** What was never asked for has no gap either. */
const NO_GAPS = 'no gaps in what was asked for; m1 gaps check also tells what was not';

const COLUMNS = [
  { title: 'SYMBOL' },
  { title: 'TIMEFRAME' },
  { title: 'FROM (UTC)' },
  { title: 'TO (UTC)' },
  { title: 'CANDLES', align: 'right' },
  { title: 'KIND' },
  { title: 'ASKED', align: 'right' },
  { title: 'NEXT ASK' },
] as const;

/** A line for each gap, as they are stored, and the sum. */
export function gapLines({ gaps, hidden, source, nowMs }: GapReport): string[] {
  const rest =
    hidden === 0 ? [] : [`${plural(hidden, 'gap')} outside the life of a pair not shown: --all`];
  if (gaps.length === 0) return [...simulatedLines(source), NO_GAPS, ...rest];
  const candles = gaps.reduce((sum, gap) => sum + candlesIn(gap), 0);
  return [
    ...simulatedLines(source),
    ...renderTable(
      COLUMNS,
      gaps.map((gap) => cells(gap, nowMs)),
    ),
    `${countText(gaps)}, ${plural(candles, 'candle')}`,
    ...rest,
  ];
}

/** As `m1 status` and the dashboard count: those that touch are one. */
function countText(gaps: readonly GapRecord[]): string {
  const byKind = new Map<string, TimeRange[]>();
  for (const { symbol, timeframe, kind, period } of gaps) {
    const key = `${symbol} ${timeframe} ${kind}`;
    const periods = byKind.get(key) ?? [];
    byKind.set(key, periods);
    periods.push(period);
  }
  const joined = [...byKind.values()].reduce((sum, periods) => sum + normalise(periods).length, 0);
  const lines = joined === gaps.length ? '' : ` in ${formatCount(gaps.length)} lines`;
  return `${plural(joined, 'gap')}${lines}`;
}

function cells(gap: GapRecord, nowMs: number): string[] {
  return [
    gap.symbol,
    gap.timeframe,
    formatMinute(gap.period.fromMs),
    formatMinute(gap.period.toMs),
    formatCount(candlesIn(gap)),
    gap.kind,
    formatCount(gap.asked),
    nextAskText(gap.nextAskMs, nowMs),
  ];
}

/** `never`, `now` or `in 5 min 0 s`. */
export function nextAskText(nextAskMs: number | undefined, nowMs: number): string {
  if (nextAskMs === undefined) return 'never';
  return nextAskMs <= nowMs ? 'now' : `in ${formatSeconds((nextAskMs - nowMs) / 1000)}`;
}

/** Candles of its timeframe that fit into a span of a series. */
export function candlesIn({
  period,
  timeframe,
}: {
  readonly period: TimeRange;
  readonly timeframe: Timeframe;
}): number {
  return Math.round((period.toMs - period.fromMs) / timeframeMs(timeframe));
}
