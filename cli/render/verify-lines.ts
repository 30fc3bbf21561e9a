import type { VenueCheckResult, Violation } from '../../domain/verify.js';
import { formatCount, formatMinute, formatSeconds, isoSeconds, plural } from './format.js';
import { candlesIn, simulatedLines } from './gap-lines.js';
import { renderTable } from './table.js';

/** What `m1 verify` found and did. */
export interface VerifyReport {
  readonly source: string | undefined;
  readonly series: number;
  readonly candles: number;
  readonly seconds: number;
  readonly violations: readonly Violation[];
  /** Undefined: the exchange was not asked. */
  readonly venue: VenueCheckResult | undefined;
  /** Undefined: nothing was to be repaired. */
  readonly repair: RepairedData | undefined;
}

export interface RepairedData {
  /** Candles that were asked for again, and how many of them have not come. */
  readonly asked: number;
  readonly missing: number;
  /** What is wrong still. */
  readonly remaining: readonly Violation[];
}

/** Violations that a terminal lists. */
const LISTED = 20;

const COLUMNS = [
  { title: 'SYMBOL' },
  { title: 'TIMEFRAME' },
  { title: 'TIME (UTC)' },
  { title: 'CANDLES', align: 'right' },
  { title: 'CHECK' },
  { title: 'EXPECTED' },
  { title: 'FOUND' },
] as const;

/** The violations, what was repaired, and the verdict. */
export function verifyLines(report: VerifyReport): string[] {
  const { source, violations, venue, repair } = report;
  const what = [
    plural(report.series, 'series'),
    plural(report.candles, 'candle'),
    formatSeconds(report.seconds),
  ].join(', ');
  const clean = report.series === 0 ? 'nothing is stored' : 'clean';
  const verdict =
    violations.length === 0
      ? `${clean}: ${what}`
      : `${plural(violations.length, 'violation')}: ${what}`;
  return [
    ...simulatedLines(source),
    ...violationLines(violations),
    ...(venue === undefined ? [] : venueLines(venue)),
    verdict,
    ...(repair === undefined ? [] : repairedLines(repair)),
  ];
}

function violationLines(violations: readonly Violation[]): string[] {
  if (violations.length === 0) return [];
  const hidden = violations.length - LISTED;
  return [
    ...renderTable(COLUMNS, violations.slice(0, LISTED).map(cells)),
    ...(hidden > 0 ? [`and ${formatCount(hidden)} more: --json lists all`] : []),
  ];
}

function cells(violation: Violation): string[] {
  const { symbol, timeframe, period, check, expected, found } = violation;
  const candles = formatCount(candlesIn(violation));
  return [symbol, timeframe, formatMinute(period.fromMs), candles, check, expected, found];
}

function venueLines(venue: VenueCheckResult): string[] {
  const { stretches, candles, requests, different, amended, unanswered } = venue;
  const what = [
    plural(stretches, 'stretch'),
    plural(candles, 'candle'),
    plural(requests, 'request'),
  ].join(', ');
  return [
    `compared with the exchange: ${what}; ${plural(different, 'difference')}`,
    ...(amended > 0
      ? [
          `${formatCount(amended)} of the newest candles may still be amended: the next sync reads them again`,
        ]
      : []),
    ...unanswered.map(
      ({ symbol, timeframe, reason }) => `not compared: ${symbol} ${timeframe}: ${reason}`,
    ),
  ];
}

function repairedLines({ asked, missing, remaining }: RepairedData): string[] {
  const again =
    asked === 0
      ? []
      : [`asked again for ${plural(asked, 'candle')}, ${formatCount(asked - missing)} came`];
  const left = missing === 0 ? [] : [`${plural(missing, 'candle')} still missing: m1 gaps list`];
  if (remaining.length === 0) return ['repaired: nothing is wrong any more', ...again, ...left];
  return [
    `repaired, but ${plural(remaining.length, 'violation')} left:`,
    ...violationLines(remaining),
    ...again,
    ...left,
  ];
}

/** The JSON that `m1 verify --json` prints. */
export function verifyDocument(report: VerifyReport): Record<string, unknown> {
  const { source, series, candles, seconds, violations, venue, repair } = report;
  return {
    clean: (repair?.remaining ?? violations).length === 0,
    source: source ?? null,
    ...{ series, candles, seconds },
    violations: violations.map(entry),
    venue: venue === undefined ? null : venueEntry(venue),
    repair:
      repair === undefined
        ? null
        : {
            asked: repair.asked,
            missing: repair.missing,
            remaining: repair.remaining.map(entry),
          },
  };
}

function venueEntry(venue: VenueCheckResult): Record<string, unknown> {
  const { stretches, candles, requests, different, amended, unanswered } = venue;
  return { stretches, candles, requests, different, amended, unanswered };
}

function entry(violation: Violation): Record<string, unknown> {
  const { symbol, timeframe, check, period, expected, found } = violation;
  return {
    ...{ symbol, timeframe, check },
    time: isoSeconds(period.fromMs),
    to: isoSeconds(period.toMs),
    candles: candlesIn(violation),
    ...{ expected, found },
  };
}
