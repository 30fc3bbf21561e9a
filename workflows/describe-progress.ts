import type { BackfillProgress } from '../domain/backfill.js';
import { SIMULATED_SOURCE } from '../domain/source.js';

/** Failed series named one by one in the Web UI; the rest are counted. */
const NAMED_FAILURES = 5;

/** A run's state as Markdown for the Web UI. */
export function describeProgress(progress: BackfillProgress): string {
  const { phase, symbols, candles, plannedCandles, requests, running, failed } = progress;
  if (phase === 'planning') return '**planning**: reading the venue and the coverage';
  const range = `${iso(progress.fromMs)} to ${iso(progress.toMs)}`;
  // The page joins single lines to one paragraph, so each stands apart.
  return [
    ...(progress.source === SIMULATED_SOURCE
      ? ['**SIMULATED** candles of the local simulator']
      : []),
    `**${phase}**: ${symbols.done} of ${symbols.total} symbols that had something to do`,
    ...(failed.length > 0 ? [`**${count(failed.length)} series failed**, the rest went on`] : []),
    `Range: ${range}, ${count(progress.series)} series`,
    `Candles of finished symbols: ${count(candles)} (whole run: at most ${count(plannedCandles)})`,
    `Requests of finished symbols: ${count(requests)}`,
    `Symbols at once: ${progress.concurrency}`,
    ...(running.length > 0 ? [`Running: ${running.map(({ symbol }) => symbol).join(', ')}`] : []),
    ...failed
      .slice(0, NAMED_FAILURES)
      .map(({ symbol, timeframe, reason }) => `Failed: ${symbol} ${timeframe}: ${reason}`),
    ...(failed.length > NAMED_FAILURES
      ? [`and ${count(failed.length - NAMED_FAILURES)} more; the result names them all`]
      : []),
  ].join('\n\n');
}

/** With separators, 12,345. */
function count(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
