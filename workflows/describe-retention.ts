import type { HeldDays, RetentionProgress } from '../domain/retention.js';

/** A run of the retention as Markdown for the Web UI. */
export function describeRetention({ phase, dryRun, tallies }: RetentionProgress): string {
  if (phase === 'planning') return '**planning**: asking the venue for its time';
  if (tallies.length === 0) return 'RETENTION of the worker is none: all is kept';
  const verb = dryRun ? 'would go' : 'removed';
  return [
    `**${phase}**`,
    ...tallies.map(
      ({ timeframe, horizonMs, candles, days, symbols }) =>
        `${timeframe} before ${day(horizonMs)}: ${candles} candles ${verb}, ` +
        `${days} days of ${symbols} symbols`,
    ),
    ...tallies.flatMap(({ timeframe, held }) => held.map((one) => heldLine(timeframe, one))),
  ].join('\n\n');
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
