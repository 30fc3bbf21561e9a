import type { BackfillProgress, FailedSeries } from '../domain/backfill.js';
import { formatCount, formatMinute, plural, symbolsText } from '../domain/format.js';
import { paragraphs, quoted, sourceLines } from './markdown.js';

/** Failed series named one by one in the Web UI; the rest are counted. */
const NAMED_FAILURES = 5;

/** Symbols at work that are named. */
const NAMED_RUNNING = 8;

/** How a run ended that did not come to its end. */
export type EarlyEnd = 'cancelled' | 'failed';

/** A run's state as Markdown for the Web UI: what matters most stands first. */
export function describeProgress(
  progress: BackfillProgress,
  workflowId: string,
  end?: EarlyEnd,
): string {
  const { source, symbols, candles, plannedCandles, requests, series } = progress;
  const planning = progress.phase === 'planning';
  return paragraphs([
    ...sourceLines(source),
    ...(end === undefined ? stateLines(progress, workflowId) : [endLine(end, progress)]),
    ...failureLines(progress.failed),
    ...(planning
      ? []
      : [
          `${formatCount(series)} series from ${formatMinute(progress.fromMs)} to ` +
            `${formatMinute(progress.toMs)} UTC; candles were missing in ${plural(symbols.total, 'symbol')}` +
            (plannedCandles === 0 ? '' : `, at most ${formatCount(plannedCandles)}`),
          `Stored for the symbols that are done: ${plural(candles, 'candle')} by ${plural(requests, 'request')}`,
        ]),
    ...(end === undefined ? runningLines(progress) : []),
  ]);
}

function stateLines({ phase, symbols }: BackfillProgress, workflowId: string): string[] {
  const done = `${symbols.done} of ${symbols.total} symbols done`;
  switch (phase) {
    case 'planning':
      return ['**planning**: reading the venue and the coverage'];
    case 'paused':
      return [
        `**paused**: ${done}; what was in flight is stored. To go on: \`m1 runs resume ${workflowId}\``,
      ];
    case 'draining':
      return [`**draining**: ${done}; goes on in a new history after those at work`];
    case 'running':
      return [`**running**: ${done}. Rate and time left: \`m1 runs watch ${workflowId}\``];
    case 'finished':
      return [symbols.total === 0 ? '**finished**: nothing was missing' : `**finished**: ${done}`];
  }
}

function endLine(end: EarlyEnd, { phase, symbols }: BackfillProgress): string {
  if (phase === 'planning') return `**${end}** while it was planned`;
  return (
    `**${end}**: ${symbols.done} of ${symbols.total} symbols done; what was read is stored. ` +
    'The same backfill started again goes on from there'
  );
}

function failureLines(failed: readonly FailedSeries[]): string[] {
  if (failed.length === 0) return [];
  const more = failed.length - NAMED_FAILURES;
  return [
    `**${formatCount(failed.length)} series failed**, the others went on. The repair asks again by itself; ` +
      'at once: `m1 backfill --only-failed`',
    ...failed
      .slice(0, NAMED_FAILURES)
      .map(({ symbol, timeframe, reason }) => `Failed: ${symbol} ${timeframe}: ${quoted(reason)}`),
    ...(more > 0 ? [`and ${formatCount(more)} more; the result names them all`] : []),
  ];
}

function runningLines({ phase, running, concurrency }: BackfillProgress): string[] {
  if (running.length === 0) return [];
  const symbols = running.map(({ symbol }) => symbol);
  const named = symbolsText(symbols, NAMED_RUNNING);
  if (phase === 'paused') return [`Begun: ${named}`];
  return [
    `At work, at most ${concurrency} at once: ${named}. ` +
      'Failing attempts: open a symbol under Relationships, then Pending Activities',
  ];
}
