import type { BackfillRequest } from '../../domain/backfill.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { formatMinute } from '../render/format.js';

/** Symbols that a summary names; more are counted, since the server takes 200 bytes. */
const NAMED_SYMBOLS = 4;

/** A request in one line, for people: what the Web UI shows as a run's summary. */
export function requestText(request: BackfillRequest): string {
  const { pairs, span, timeframes } = request;
  const what = pairs.kind === 'top' ? topText(request, pairs.count) : symbolsText(pairs.symbols);
  const frames = timeframes.length === TIMEFRAMES.length ? 'all timeframes' : timeframes.join(' ');
  const when = spanText(span);
  const kind = request.dryRun ? 'Plan for a backfill' : 'Backfill';
  return `${kind} of ${what}, ${frames}, ${when}${request.onlyFailed ? ', failed series only' : ''}`;
}

/** Failures are looked for in all pairs: what failed may no longer be at the top. */
function topText({ onlyFailed }: BackfillRequest, count: number): string {
  if (onlyFailed) return 'all pairs with a failed series';
  return count === 1 ? 'the top pair' : `the top ${count} pairs`;
}

function spanText(span: BackfillRequest['span']): string {
  switch (span.kind) {
    case 'days':
      return span.days === 1 ? '1 day' : `${span.days} days`;
    case 'range':
      return `${formatMinute(span.fromMs)} to ${span.toMs === undefined ? 'now' : formatMinute(span.toMs)}`;
    case 'failed':
      return 'since the earliest failure';
  }
}

function symbolsText(symbols: readonly string[]): string {
  const named = symbols.slice(0, NAMED_SYMBOLS).join(', ');
  const rest = symbols.length - NAMED_SYMBOLS;
  return rest > 0 ? `${named} and ${rest} more` : named;
}

/** The same as Markdown with the command that asked for it. */
export function requestDetails(request: BackfillRequest): string {
  const { pairs } = request;
  return [
    `${requestText(request)}.`,
    ...(pairs.kind === 'symbols' ? [`Symbols: ${pairs.symbols.join(', ')}`] : []),
    'Updates: `pause`, `resume`, `setConcurrency`; query: `progress`',
    'A run that is started again asks only for what is missing.',
  ].join('\n\n');
}
