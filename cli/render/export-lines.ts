import { isComplete, type ExportedSeries } from '../export/manifest.js';
import { formatCount, plural } from './format.js';
import { candlesIn, simulatedLines } from './gap-lines.js';

/** What `m1 export` says of a file that is done. */
export function exportLines(exported: ExportedSeries): string[] {
  const { series, file, rows, facts, seconds, source } = exported;
  const name = `${series.symbol} ${series.timeframe}`;
  const where = file === undefined ? '' : ` into ${file}`;
  const done = `${name}: ${plural(rows, 'candle')}${where} in ${seconds.toFixed(1)} s`;
  const lost =
    rows === facts.stored
      ? []
      : [`${name}: ${formatCount(facts.stored)} candles are recorded as stored: run m1 verify`];
  return [...simulatedLines(source), ...lost, `${done}, ${verdict(exported)}`];
}

/** The sum of what is absent, by kind. */
function verdict(exported: ExportedSeries): string {
  const { facts, series } = exported;
  const { timeframe } = series;
  const counts = new Map<string, number>();
  for (const { period, reason } of facts.absent) {
    counts.set(reason, (counts.get(reason) ?? 0) + candlesIn({ period, timeframe }));
  }
  const kinds = [...counts].map(([reason, candles]) => `${formatCount(candles)} ${reason}`);
  const known = kinds.length === 0 ? '' : ` (absent: ${kinds.join(', ')})`;
  return `${isComplete(exported) ? 'complete' : 'not complete'}${known}`;
}
