import type { HeldDays, RetentionTally } from '../../domain/retention.js';
import { SIMULATED_SOURCE } from '../../domain/source.js';
import { formatCount, plural } from '../render/format.js';
import { renderTable } from '../render/table.js';

const COLUMNS = [
  { title: 'TIMEFRAME' },
  { title: 'BEFORE (UTC)' },
  { title: 'CANDLES', align: 'right' },
  { title: 'DAYS', align: 'right' },
  { title: 'SYMBOLS', align: 'right' },
  { title: 'HELD BACK', align: 'right' },
] as const;

/** What the worker must be told before anything is ever removed. */
export const NO_RULES = 'RETENTION of the worker is none: all candles are kept';

export interface RetentionReport {
  readonly dryRun: boolean;
  /** Label of the venue. */
  readonly source: string;
  readonly tallies: readonly RetentionTally[];
}

/** What a run has removed, or would remove, and what is held back and why. */
export function retentionLines({ dryRun, source, tallies }: RetentionReport): string[] {
  if (tallies.length === 0) return [NO_RULES];
  const mark = source === SIMULATED_SOURCE ? 'SIMULATED ' : '';
  return [
    `${mark}${dryRun ? 'dry run, nothing is removed; this would be:' : 'removed:'}`,
    ...renderTable(COLUMNS, tallies.map(cells)),
    ...tallies.flatMap(({ timeframe, held }) => held.map((one) => heldLine(timeframe, one))),
  ];
}

function cells({ timeframe, horizonMs, candles, days, symbols, held }: RetentionTally): string[] {
  const heldBack = held.reduce((sum, one) => sum + one.candles, 0);
  return [
    ...[timeframe, formatDay(horizonMs)],
    ...[candles, days, symbols, heldBack].map(formatCount),
  ];
}

/** `5m: 3 days (864 candles) held back: 1d is not stored there, BTCUSDT 2026-10-02 among them`. */
function heldLine(timeframe: string, held: HeldDays): string {
  const { symbol, dayMs } = held.example;
  const what = `${plural(held.days, 'day')} (${plural(held.candles, 'candle')}) held back`;
  return `${timeframe}: ${what}: ${heldReason(held)}, ${symbol} ${formatDay(dayMs)} among them`;
}

function heldReason({ timeframe, fault }: HeldDays): string {
  return fault === 'missing'
    ? `${timeframe} is not stored there`
    : `${timeframe} differs from them, see m1 verify`;
}

/** One line a timeframe, while a run goes on. */
export function progressLine(tallies: readonly RetentionTally[]): string {
  return tallies
    .map(
      ({ timeframe, candles, symbols }) =>
        `${timeframe}: ${plural(candles, 'candle')} of ${plural(symbols, 'symbol')}`,
    )
    .join(', ');
}

/** `2026-01-31`. */
export function formatDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** The JSON of a tally: a contract. */
export function tallyDocument(tally: RetentionTally): Record<string, unknown> {
  const { timeframe, horizonMs, candles, days, symbols, held } = tally;
  return {
    ...{ timeframe, horizon: formatDay(horizonMs), candles, days, symbols },
    held: held.map((one) => ({
      ...{ by: one.timeframe, fault: one.fault, days: one.days, candles: one.candles },
      example: { symbol: one.example.symbol, day: formatDay(one.example.dayMs) },
    })),
  };
}
