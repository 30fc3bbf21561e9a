import { formatCount, formatMinute, formatSeconds, plural } from '../render/format.js';
import { simulatedMark } from '../render/progress-lines.js';
import { renderTable } from '../render/table.js';
import { streamWord } from '../../steering/stream-standing.js';
import type { Criterion } from './judge-soak.js';
import type { SoakFindings } from './soak-findings.js';
import { figuresOf, newestCandleMs, type SoakSample } from './soak-sample.js';
import type { SeriesTally } from '../../storage/series-tally.js';

/** Series that are named; the rest are counted. */
const NAMED = 10;

const MEGABYTE = 1024 ** 2;

/** `1 min 0 s: live, 128 MB, lag p99 11 ms, 2 reconnects, ...`. */
export function sampleLine(sample: SoakSample): string {
  const { atMs, standing, beating, redisUpSeconds, candles } = sample;
  const figures = figuresOf(sample);
  const newestMs = newestCandleMs(candles);
  const parts = [
    `${simulatedMark(standing.status?.source)}${streamWord(standing)}`,
    ...(beating ? [] : ['no heartbeat']),
    ...(figures === undefined
      ? []
      : [
          `${(figures.rssBytes / MEGABYTE).toFixed(0)} MB`,
          `lag p99 ${figures.lagMs === undefined ? '-' : formatCount(figures.lagMs.p99)} ms`,
          plural(figures.reconnects, 'reconnect'),
          plural(figures.gaps, 'gap'),
          `${formatCount(figures.tickersDropped)} dropped`,
        ]),
    ...(redisUpSeconds === undefined ? ['Redis is away'] : []),
    candles === undefined
      ? 'the database is away'
      : `newest candle ${newestMs === undefined ? '-' : formatMinute(newestMs)}, ${formatCount(candles.missing)} missing`,
  ];
  return `${formatSeconds(atMs / 1000)}: ${parts.join(', ')}`;
}

/** The verdict: a line for all, a line for each criterion, and the series that lack candles. */
export function verdictLines(findings: SoakFindings): string[] {
  const { criteria, record } = findings;
  const columns = [
    { title: 'CRITERION' },
    { title: 'VERDICT' },
    { title: 'MEASURED' },
    { title: 'ALLOWED' },
  ];
  return [
    headline(findings),
    ...renderTable(columns, criteria.map(cells)),
    ...missingLines(record.series ?? []),
  ];
}

/** `soak of 50 symbols: PASSED after 24 h 0 min, 1,441 samples`. */
export function headline({ source, symbols, record, criteria }: SoakFindings): string {
  const failed = criteria.filter(({ passed }) => !passed);
  const verdict = failed.length === 0 ? 'PASSED' : 'FAILED';
  const ran = formatSeconds(record.ranMs / 1000);
  const early =
    record.ranMs < record.wantedMs ? ` of ${formatSeconds(record.wantedMs / 1000)}` : '';
  const what = `${simulatedMark(source)}soak of ${plural(symbols.length, 'symbol')}`;
  return `${what}: ${verdict} after ${ran}${early}, ${plural(record.samples.length, 'sample')}`;
}

export function cells({ name, passed, measured, bound }: Criterion): string[] {
  return [name, passed ? 'ok' : 'FAILED', measured, bound];
}

/** `BTCUSDT 5m: 2 of 288 candles are missing`. */
export function missingLines(series: readonly SeriesTally[]): string[] {
  const incomplete = series.filter(({ missing }) => missing > 0);
  const rest = incomplete.length - NAMED;
  return [
    ...incomplete
      .slice(0, NAMED)
      .map(
        ({ symbol, timeframe, missing, closed }) =>
          `${symbol} ${timeframe}: ${formatCount(missing)} of ${plural(closed, 'candle')} missing`,
      ),
    ...(rest > 0 ? [`and ${plural(rest, 'series')} more`] : []),
  ];
}
