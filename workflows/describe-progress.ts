import type { BackfillProgress } from '../domain/backfill.js';
import { SIMULATED_SOURCE } from '../domain/source.js';

/** Failed series named one by one in the Web UI; the rest are counted. */
const NAMED_FAILURES = 20;

/** A run's state as Markdown for the Web UI. */
export function describeProgress(progress: BackfillProgress): string {
  const { phase, symbols, candles, plannedCandles, requests, running, failed } = progress;
  if (phase === 'planning') return '**planning**: reading the venue and the coverage';
  const range = `${iso(progress.fromMs)} to ${iso(progress.toMs)}`;
  return [
    ...(progress.source === SIMULATED_SOURCE
      ? ['**SIMULATED** candles of the local simulator']
      : []),
    `**${phase}**: ${symbols.done} of ${symbols.total} symbols that had something to do`,
    `- range: ${range}, ${progress.series} series`,
    `- candles of finished symbols: ${candles} (whole run: at most ${plannedCandles})`,
    `- requests of finished symbols: ${requests}`,
    `- concurrency: ${progress.concurrency}`,
    ...(running.length > 0 ? [`- running: ${running.map(({ symbol }) => symbol).join(', ')}`] : []),
    ...failed
      .slice(0, NAMED_FAILURES)
      .map(({ symbol, timeframe, reason }) => `- failed: ${symbol} ${timeframe}: ${reason}`),
    ...(failed.length > NAMED_FAILURES
      ? [`- and ${failed.length - NAMED_FAILURES} more failed series`]
      : []),
  ].join('\n');
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
