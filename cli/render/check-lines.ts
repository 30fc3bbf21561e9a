import type { TimeRange } from '../../domain/time-range.js';
import type { Completeness, MissingSpan } from '../../storage/completeness.js';
import { formatCount, formatMinute, isoSeconds, plural } from './format.js';
import { candlesIn, simulatedLines } from './gap-lines.js';
import { missingText } from './missing-text.js';
import { renderTable } from './table.js';

/** What `m1 gaps check` found. */
export interface CheckReport {
  readonly source: string | undefined;
  readonly range: TimeRange;
  readonly answers: readonly Completeness[];
}

/** Spans that are listed of one series; the rest are counted. */
const LISTED_SPANS = 20;

/** A line for each series, and what it lacks. */
export function checkLines({ source, range, answers }: CheckReport): string[] {
  const bad = answers.filter(({ missing }) => missing.length > 0);
  const span = `${formatMinute(range.fromMs)} to ${formatMinute(range.toMs)} UTC`;
  const verdict =
    bad.length === 0
      ? `complete: ${plural(answers.length, 'series')} from ${span}`
      : `not complete: ${formatCount(bad.length)} of ${plural(answers.length, 'series')} from ${span}`;
  return [...simulatedLines(source), ...answers.flatMap(seriesLines), verdict];
}

function seriesLines(answer: Completeness): string[] {
  const { symbol, timeframe, candles, stored, missing } = answer;
  const name = `${symbol} ${timeframe}`;
  if (missing.length === 0) {
    const none = candles - stored;
    const rest = none === 0 ? '' : `, ${formatCount(none)} that the exchange does not have`;
    return [`${name}: complete, ${plural(stored, 'candle')}${rest}`];
  }
  const lacking = missing.reduce((sum, { period }) => sum + candlesIn({ period, timeframe }), 0);
  const shown = missing.slice(0, LISTED_SPANS);
  const hidden = missing.length - shown.length;
  return [
    `${name}: ${formatCount(lacking)} of ${plural(candles, 'candle')} missing`,
    ...renderTable(
      [
        { title: '  FROM (UTC)' },
        { title: 'TO (UTC)' },
        { title: 'CANDLES', align: 'right' },
        { title: 'WHY' },
      ],
      shown.map((one) => cells(answer, one)),
    ),
    ...(hidden > 0 ? [`  and ${plural(hidden, 'span')} more: --json lists all`] : []),
  ];
}

function cells({ timeframe }: Completeness, { period, reason }: MissingSpan): string[] {
  return [
    `  ${formatMinute(period.fromMs)}`,
    formatMinute(period.toMs),
    formatCount(candlesIn({ period, timeframe })),
    `${reason}: ${missingText(reason)}`,
  ];
}

/** The JSON that `m1 gaps check --json` prints. */
export function checkDocument({ source, range, answers }: CheckReport): Record<string, unknown> {
  return {
    complete: answers.every(({ missing }) => missing.length === 0),
    source: source ?? null,
    from: isoSeconds(range.fromMs),
    to: isoSeconds(range.toMs),
    series: answers.map(({ symbol, timeframe, candles, stored, missing }) => ({
      ...{ symbol, timeframe, complete: missing.length === 0, candles, stored },
      missing: missing.map(({ period, reason }) => ({
        from: isoSeconds(period.fromMs),
        to: isoSeconds(period.toMs),
        candles: candlesIn({ period, timeframe }),
        reason,
      })),
    })),
  };
}
