import type { StreamFigures } from '../../domain/stream.js';
import type { Tickers } from '../stream/prices.js';
import { streamWord, type StreamStanding } from '../../steering/stream-standing.js';
import { clip, formatCount, formatSeconds, plural } from './format.js';
import { simulatedMark, type Palette, type Space } from './progress-lines.js';
import { priceTable } from './stream-table.js';

/** What is shown of a stream. */
export interface StreamPicture {
  readonly standing: StreamStanding;
  /** Undefined while it cannot be told. */
  readonly messagesPerSecond: number | undefined;
  readonly tickers: Tickers;
  /** What the user should know beside it: that no worker runs, that Redis is away. */
  readonly notices: readonly string[];
  /** Local clock, ms. */
  readonly nowMs: number;
  /** Stands below all, for example what Ctrl-C does. */
  readonly hint: string | undefined;
}

/** Data this old is worth a word, ms. */
const QUIET_MS = 5_000;

/** The live view of a stream: what it does, then a line for each symbol, in `space`. */
export function streamLines(picture: StreamPicture, space: Space, palette: Palette): string[] {
  // the last column stays free: some terminals wrap a line that fills it
  const width = Math.max(20, space.width - 1);
  const head = headLines(picture, width, palette);
  const foot = picture.hint === undefined ? [] : [palette.dim(clip(picture.hint, width))];
  const symbols = picture.standing.status?.symbols ?? [];
  // one line stays free for the cursor, one is the table's head
  const room = space.height - head.length - foot.length - 2;
  // a line that says how many are hidden takes the place of one more
  const shown = symbols.length <= room ? symbols : symbols.slice(0, Math.max(0, room - 1));
  const hidden = symbols.length - shown.length;
  const table = shown.length === 0 ? [] : tableLines(shown, picture, width, palette);
  const more = hidden === 0 ? [] : [palette.dim(`and ${formatCount(hidden)} more`)];
  return [...head, ...table, ...more, ...foot].slice(0, Math.max(1, space.height - 1));
}

/** Prices alone, of all pairs that the stream follows. */
export function priceLines(picture: StreamPicture, width: number, palette: Palette): string[] {
  return tableLines(picture.standing.status?.symbols ?? [], picture, width, palette);
}

function tableLines(
  symbols: readonly string[],
  { tickers, nowMs }: StreamPicture,
  width: number,
  palette: Palette,
): string[] {
  const rows = symbols.map((symbol) => {
    const ticker = tickers.get(symbol);
    const updatedAtMs = ticker === undefined ? NaN : Date.parse(ticker.updated_at);
    // the clock of the worker may be ahead of this one
    const ageMs = Number.isNaN(updatedAtMs) ? undefined : Math.max(0, nowMs - updatedAtMs);
    return { symbol, ticker, ageMs };
  });
  const [head = '', ...lines] = priceTable(rows, width, palette);
  return [palette.dim(head), ...lines];
}

function headLines(picture: StreamPicture, width: number, palette: Palette): string[] {
  const { standing, notices } = picture;
  const word = streamWord(standing);
  const mark = simulatedMark(standing.status?.source);
  const colour = word === 'live' ? palette.green : palette.yellow;
  const now = flowText(picture);
  const counts = countsText(standing.activity?.figures);
  return [
    `${palette.yellow(mark)}${palette.bold(colour(word))}${now === '' ? '' : `  ${clip(now, Math.max(0, width - mark.length - word.length - 2))}`}`,
    ...(counts === '' ? [] : [palette.dim(clip(counts, width))]),
    ...[...troubles(standing), ...notices].map((line) => palette.yellow(clip(line, width))),
  ];
}

/** The state in one line for a log: no table, no colours. */
export function plainStreamLine(picture: StreamPicture): string {
  const { standing } = picture;
  const mark = simulatedMark(standing.status?.source);
  const parts = [
    flowText(picture),
    countsText(standing.activity?.figures),
    ...troubles(standing),
  ].filter((part) => part !== '');
  const word = `${mark}${streamWord(standing)}`;
  return parts.length === 0 ? word : `${word}: ${parts.join(', ')}`;
}

/** `50 symbols, 2 connections, 812 messages/s, lag 3 ms (p99 11 ms)`. */
function flowText({ standing, messagesPerSecond }: StreamPicture): string {
  const { status, answered, activity } = standing;
  const figures = activity?.figures;
  const symbols = figures?.symbols ?? status?.symbols.length ?? 0;
  // the figures of a worker that is gone say nothing about now
  if (!answered) return symbols === 0 ? '' : plural(symbols, 'symbol');
  return [
    ...(symbols === 0 ? [] : [plural(symbols, 'symbol')]),
    ...(figures === undefined ? [] : [connectionsText(figures)]),
    // what is measured over a while is of the past when nothing flows now
    ...(figures === undefined || figures.liveConnections === 0
      ? []
      : rates(figures, messagesPerSecond)),
    ...((figures?.dataAgeMs ?? 0) > QUIET_MS
      ? [`no data for ${formatSeconds((figures?.dataAgeMs ?? 0) / 1000)}`]
      : []),
  ].join(', ');
}

function rates({ lagMs }: StreamFigures, messagesPerSecond: number | undefined): string[] {
  return [
    ...(messagesPerSecond === undefined ? [] : [`${formatCount(messagesPerSecond)} messages/s`]),
    ...(lagMs === undefined ? [] : [lagText(lagMs)]),
  ];
}

function connectionsText({ connections, liveConnections }: StreamFigures): string {
  const text = plural(connections, 'connection');
  return liveConnections === connections ? text : `${formatCount(liveConnections)} of ${text} live`;
}

function lagText({ p50, p99 }: { readonly p50: number; readonly p99: number }): string {
  return `lag ${formatCount(p50)} ms (p99 ${formatCount(p99)} ms)`;
}

/** Empty as long as nothing has come that could be counted. */
function countsText(figures: StreamFigures | undefined): string {
  if (figures === undefined || figures.messages === 0) return '';
  const { candlesStored, revisions, reconnects, gaps, tickersDropped } = figures;
  return [
    plural(reconnects, 'reconnect'),
    plural(gaps, 'gap'),
    `${plural(candlesStored, 'candle')} stored`,
    ...(revisions === 0 ? [] : [plural(revisions, 'revision')]),
    `${plural(tickersDropped, 'ticker')} dropped`,
  ].join(', ');
}

/** What is wrong with it now, a line each. */
function troubles({ activity }: StreamStanding): string[] {
  if (activity === undefined) return [];
  const { figures, started, lastFailure } = activity;
  if (!started) return lastFailure === undefined ? [] : [`it ended: ${lastFailure}`];
  const refused = figures?.refusedTopics ?? [];
  const down = figures?.state === 'reconnecting' ? figures.lastError : undefined;
  return [
    ...(down === undefined ? [] : [`connection lost: ${down}`]),
    ...(refused.length === 0 ? [] : [`refused by the venue: ${refused.join(', ')}`]),
  ];
}
