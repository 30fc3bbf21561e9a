import { formatCount, plural } from '../domain/format.js';
import type { HeldDays, RetentionProgress } from '../domain/retention.js';
import { paragraphs, sourceLines } from './markdown.js';

/** A run of the retention as Markdown for the Web UI. */
export function describeRetention({ phase, dryRun, source, tallies }: RetentionProgress): string {
  if (phase === 'planning') return '**planning**: asking the venue for its time';
  if (tallies.length === 0) return 'RETENTION of the worker is none: all is kept';
  const verb = dryRun ? 'would go' : 'removed';
  return paragraphs([
    ...sourceLines(source),
    `**${phase}**${dryRun ? ', nothing is removed' : ''}`,
    ...tallies.map(
      ({ timeframe, horizonMs, candles, days, symbols }) =>
        `${timeframe} before ${day(horizonMs)}: ${formatCount(candles)} candles ${verb}, ` +
        `${plural(days, 'day')} of ${plural(symbols, 'symbol')}`,
    ),
    ...tallies.flatMap(({ timeframe, held }) => held.map((one) => heldLine(timeframe, one))),
  ]);
}

function heldLine(timeframe: string, held: HeldDays): string {
  const { days, example } = held;
  const why = held.fault === 'missing' ? 'is not stored' : 'differs from them';
  return (
    `${timeframe}: ${days} days left because ${held.timeframe} ${why}, ` +
    `${example.symbol} ${day(example.dayMs)} among them`
  );
}

function day(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}
