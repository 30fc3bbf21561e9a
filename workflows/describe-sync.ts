import { SIMULATED_SOURCE } from '../domain/source.js';
import type { SyncResult } from '../domain/sync.js';
import { plural } from './plural.js';

/** Names that are spelled out. */
const SPELLED = 20;

/** What a sync came to, as Markdown for the Web UI. */
export function describeSync(result: SyncResult, newcomers: readonly string[]): string {
  const { timeframe, series, candles, revised, requests, failed, sealed, unlisted } = result;
  const named = (what: string, symbols: readonly string[]): string[] =>
    symbols.length === 0 ? [] : [`${what}: ${symbols.slice(0, SPELLED).join(', ')}`];
  return [
    ...(result.source === SIMULATED_SOURCE ? ['**SIMULATED** candles of the local simulator'] : []),
    `**${result.status}**: ${timeframe} of ${plural(series, 'pair')} up to ${iso(result.venueTimeMs)}`,
    `${plural(candles, 'candle')} stored, ${revised} amended by the venue, ${plural(requests, 'request')}`,
    `Missing at the new end when it began: ${plural(Math.round(result.behindMs / 60_000), 'minute')}`,
    ...named('New, their history is being loaded', newcomers),
    ...named('Delisted, sealed', sealed),
    ...named('Not listed', unlisted),
    ...failed
      .slice(0, SPELLED)
      .map(({ symbol, reason }) => `Failed, tried again by the next sync: ${symbol}: ${reason}`),
  ].join('\n\n');
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
