import { formatCount, isoSeconds } from '../render/format.js';
import { streamWord } from '../../steering/stream-standing.js';
import { cells, headline, missingLines } from './soak-lines.js';
import type { SoakFindings } from './soak-findings.js';
import { figuresOf, newestCandleMs, type SoakSample } from './soak-sample.js';

const MEGABYTE = 1024 ** 2;

/** The report as Markdown: the verdict, what is missing, and every sample. */
export function soakMarkdown(findings: SoakFindings): string {
  const { record, criteria, symbols } = findings;
  const missing = missingLines(record.series ?? []);
  const lines = [
    `# ${headline(findings)}`,
    '',
    `Started ${isoSeconds(record.startedAtMs)}. Times of candles are the venue's, all others real time.`,
    '',
    `Symbols: ${symbols.join(', ')}`,
    '',
    ...table(['criterion', 'verdict', 'measured', 'allowed'], criteria.map(cells)),
    '',
    ...(missing.length === 0 ? [] : [...missing.map((line) => `- ${line}`), '']),
    '## Samples',
    '',
    ...table(HEAD, record.samples.map(sampleCells)),
  ];
  return `${lines.join('\n')}\n`;
}

const HEAD = [
  ...['seconds', 'state', 'heartbeat', 'Redis', 'MB', 'lag p50 ms', 'lag p99 ms', 'messages'],
  ...['reconnects', 'gaps', 'dropped', 'candles', 'revisions', 'newest candle', 'missing'],
];

function sampleCells(sample: SoakSample): string[] {
  const { atMs, standing, beating, redisUpSeconds, candles } = sample;
  const figures = figuresOf(sample);
  const newestMs = newestCandleMs(candles);
  const count = (value: number | undefined): string =>
    value === undefined ? '-' : formatCount(value);
  return [
    (atMs / 1000).toFixed(0),
    streamWord(standing),
    beating ? 'yes' : 'no',
    redisUpSeconds === undefined ? 'no' : 'yes',
    figures === undefined ? '-' : (figures.rssBytes / MEGABYTE).toFixed(1),
    count(figures?.lagMs?.p50),
    count(figures?.lagMs?.p99),
    count(figures?.messages),
    count(figures?.reconnects),
    count(figures?.gaps),
    count(figures?.tickersDropped),
    count(figures?.candlesStored),
    count(figures?.revisions),
    newestMs === undefined ? '-' : isoSeconds(newestMs),
    count(candles?.missing),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
