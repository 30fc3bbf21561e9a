import type { BackfillPlan, BackfillResult, FailedSeries } from '../../domain/backfill.js';
import type { Horizon } from '../../domain/retention.js';
import { simulatedMark } from './progress-lines.js';
import { formatCount, formatMinute, formatSeconds, plural } from './format.js';
import { renderTable } from './table.js';

/** Failed series that a summary lists; the rest are counted. */
const LISTED_FAILURES = 20;

/** Symbols that a plan lists; the rest are added up. */
const LISTED_SYMBOLS = 20;

/**
 * What a finished backfill came to.
 *
 * @param source label of the venue, where it is known
 */
export function summaryLines(result: BackfillResult, source?: string): string[] {
  if (choseNothing(result))
    return [`${simulatedMark(source)}nothing failed: there is nothing to do`];
  const clipped = clippedLines(result.clipped);
  if (result.plan !== undefined) return [...planLines(result.plan, result.series), ...clipped];
  const head =
    result.status === 'done'
      ? 'done'
      : `finished, ${plural(result.failed.length, 'series')} failed`;
  const what = [
    plural(result.series, 'series'),
    plural(result.candles, 'new candle'),
    plural(result.requests, 'request'),
    formatSeconds(result.seconds),
  ].join(', ');
  return [`${simulatedMark(source)}${head}: ${what}`, ...clipped, ...failureLines(result.failed)];
}

/** Only a run of what failed chooses without asking for the listing, and may find nothing. */
function choseNothing({ series, requests, status }: BackfillResult): boolean {
  return status === 'done' && series === 0 && requests <= 1;
}

function clippedLines(clipped: readonly Horizon[] = []): string[] {
  return clipped.map(
    ({ timeframe, horizonMs }) =>
      `${timeframe}: clipped, nothing before ${formatMinute(horizonMs)} UTC is asked for, because RETENTION removes it`,
  );
}

function failureLines(failed: readonly FailedSeries[]): string[] {
  if (failed.length === 0) return [];
  const hidden = failed.length - LISTED_FAILURES;
  return [
    ...failed
      .slice(0, LISTED_FAILURES)
      .map(({ symbol, timeframe, reason }) => `  failed: ${symbol} ${timeframe}: ${reason}`),
    ...(hidden > 0 ? [`  and ${formatCount(hidden)} more`] : []),
    'ask for the failed series again with the same command and --only-failed',
  ];
}

function planLines(plan: BackfillPlan, series: number): string[] {
  const mark = simulatedMark(plan.source);
  const range = `${formatMinute(plan.fromMs)} to ${formatMinute(plan.toMs)} UTC`;
  if (plan.symbols.length === 0)
    return [`${mark}plan: nothing to do, ${plural(series, 'series')} from ${range}`];
  const shown = plan.symbols.slice(0, LISTED_SYMBOLS);
  const rest = plan.symbols.slice(LISTED_SYMBOLS);
  const total = sum(plan.symbols);
  const rows = [
    ...shown.map((symbol) => [
      symbol.symbol,
      symbol.timeframes.join(' '),
      formatCount(symbol.candles),
      formatCount(symbol.requests),
    ]),
    ...(rest.length > 0
      ? [
          [
            `${formatCount(rest.length)} more`,
            '',
            formatCount(sum(rest).candles),
            formatCount(sum(rest).requests),
          ],
        ]
      : []),
    ['total', '', formatCount(total.candles), formatCount(total.requests)],
  ];
  return [
    `${mark}plan: ${plural(series, 'series')} from ${range}`,
    ...renderTable(
      [
        { title: 'SYMBOL' },
        { title: 'TIMEFRAMES' },
        { title: 'CANDLES', align: 'right' },
        { title: 'REQUESTS', align: 'right' },
      ],
      rows,
    ),
    `at most these candles and requests (less for pairs listed later), about ${formatSeconds(plan.seconds)} at the present budget`,
  ];
}

function sum(symbols: BackfillPlan['symbols']): { candles: number; requests: number } {
  return symbols.reduce(
    (total, { candles, requests }) => ({
      candles: total.candles + candles,
      requests: total.requests + requests,
    }),
    { candles: 0, requests: 0 },
  );
}
