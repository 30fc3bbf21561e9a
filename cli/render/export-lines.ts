import type { ExportedSeries } from '../export/manifest.js';
import type { SeriesFacts } from '../export/series-facts.js';
import type { Timeframe } from '../../domain/timeframe.js';
import { formatCount, plural } from './format.js';
import { candlesIn, simulatedLines } from './gap-lines.js';

/** What `m1 export` says of a file that is done. */
export function exportLines({
  series,
  file,
  rows,
  facts,
  seconds,
  source,
}: ExportedSeries): string[] {
  const { symbol, timeframe } = series;
  const name = `${symbol} ${timeframe}`;
  const where = file === undefined ? '' : ` into ${file}`;
  const counts = countAbsent(facts, timeframe);
  const kinds = [...counts].map(([reason, candles]) => `${formatCount(candles)} ${reason}`);
  const known = kinds.length === 0 ? '' : ` (absent: ${kinds.join(', ')})`;
  const complete = facts.complete ? 'complete' : 'not complete';
  const lost = counts.get('lost');
  return [
    ...simulatedLines(source),
    ...(lost === undefined
      ? []
      : [
          `${name}: of ${plural(lost, 'candle')} the row is gone: m1 verify --symbol ${symbol} --repair`,
        ]),
    `${name}: ${plural(rows, 'candle')}${where} in ${seconds.toFixed(1)} s, ${complete}${known}`,
  ];
}

/** Candles by the reason why they are not there. */
function countAbsent({ absent }: SeriesFacts, timeframe: Timeframe): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { period, reason } of absent) {
    counts.set(reason, (counts.get(reason) ?? 0) + candlesIn({ period, timeframe }));
  }
  return counts;
}
