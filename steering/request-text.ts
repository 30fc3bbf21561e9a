import type { BackfillRequest } from '../domain/backfill.js';
import { TIMEFRAMES } from '../domain/timeframe.js';
import { formatMinute } from '../domain/format.js';
import { pairsText } from './pairs-text.js';

/** A request in one line, for people: what the Web UI shows as a run's summary. */
export function requestText(request: BackfillRequest): string {
  const { pairs, span, timeframes } = request;
  // failures are looked for in all pairs: what failed may no longer be at the top
  const everyPair = request.onlyFailed && pairs.kind === 'top';
  const what = everyPair ? 'all pairs with a failed series' : pairsText(pairs);
  const frames = timeframes.length === TIMEFRAMES.length ? 'all timeframes' : timeframes.join(' ');
  const when = spanText(span);
  const kind = request.dryRun ? 'Plan for a backfill' : 'Backfill';
  return `${kind} of ${what}, ${frames}, ${when}${request.onlyFailed ? ', failed series only' : ''}`;
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

/** What else a run's page shows, as Markdown. */
export function requestDetails(request: BackfillRequest): string {
  const { pairs } = request;
  return [
    ...(pairs.kind === 'symbols' ? [`Symbols: ${pairs.symbols.join(', ')}`] : []),
    'One child a symbol: see Relationships. A run that is started again asks only for what is missing.',
    'Updates: `pause`, `resume`, `setConcurrency`; query: `progress`',
  ].join('\n\n');
}
