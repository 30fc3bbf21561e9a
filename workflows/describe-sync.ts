import { formatMinute, plural, symbolsText } from '../domain/format.js';
import type { SyncResult } from '../domain/sync.js';
import { paragraphs, quoted, sourceLines } from './markdown.js';

/** Names that are spelled out. */
const SPELLED = 20;

/** What a sync came to, as Markdown for the Web UI. */
export function describeSync(result: SyncResult, newcomers: readonly string[]): string {
  const { timeframe, series, candles, revised, requests, failed, sealed, unlisted } = result;
  const named = (what: string, symbols: readonly string[]): string[] =>
    symbols.length === 0 ? [] : [`${what}: ${symbolsText(symbols, SPELLED)}`];
  const more = failed.length - SPELLED;
  return paragraphs([
    ...sourceLines(result.source),
    `**${result.status}**: ${timeframe} of ${plural(series, 'pair')} up to ${formatMinute(result.venueTimeMs)} UTC`,
    ...(failed.length === 0
      ? []
      : [`**${plural(failed.length, 'pair')} failed**; the next sync reads what is missing`]),
    ...failed.slice(0, SPELLED).map(({ symbol, reason }) => `Failed: ${symbol}: ${quoted(reason)}`),
    ...(more > 0 ? [`and ${more} more; the result names them all`] : []),
    `${plural(candles, 'candle')} stored, ${revised} amended by the venue, ${plural(requests, 'request')}`,
    ...named('New, their history is being loaded', newcomers),
    ...named('Delisted, sealed', sealed),
    ...named('Not listed', unlisted),
    `Missing at the new end when it began: ${plural(Math.round(result.behindMs / 60_000), 'minute')}`,
  ]);
}
