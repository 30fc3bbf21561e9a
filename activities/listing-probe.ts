import { PAGE_CANDLES } from '../domain/page.js';
import type { SymbolHistory } from '../domain/stores.js';
import type { TimeRange } from '../domain/time-range.js';
import { openTimeAtOrAfterMs, openTimeMs, timeframeMs } from '../domain/timeframe.js';
import type { RequestOptions, Venue } from '../domain/venue.js';
import { askPage } from './ask-page.js';

/** Whether what is known of a symbol's life reaches back to the start of `range`. */
export function needsProbe(history: SymbolHistory, range: TimeRange): boolean {
  if (history.firstDayMs !== undefined) return false;
  return history.probedFromMs === undefined || range.fromMs < history.probedFromMs;
}

export interface ListingProbe {
  /** Undefined when the venue has no daily candle of this symbol at all: it has not traded yet. */
  readonly history: SymbolHistory | undefined;
  readonly requests: number;
}

/**
 * Finds a symbol's first day by daily candles, a thousand days a request, from the venue's now
 * backwards until `range` is covered: one request for up to 999 days.
 *
 * Windows have both ends, because what a venue does with only a start is not settled.
 *
 * @param venueTimeMs the venue's clock, ms
 */
export async function probeListing(
  venue: Venue,
  symbol: string,
  range: TimeRange,
  venueTimeMs: number,
  options: RequestOptions,
): Promise<ListingProbe> {
  const spanMs = PAGE_CANDLES * timeframeMs('1d');
  const untilMs = openTimeMs('1d', range.fromMs);
  let firstMs = Infinity;
  let requests = 0;
  let toMs = openTimeAtOrAfterMs('1d', venueTimeMs);
  for (; toMs > untilMs; toMs -= spanMs) {
    const window = { fromMs: toMs - spanMs, toMs };
    const asked = await askPage(venue, { symbol, timeframe: '1d' }, window, options);
    requests += asked.requests;
    const { page } = asked;
    // A row without prices still proves that the symbol lived that day.
    firstMs = Math.min(firstMs, page.candles.openTimeMs[0] ?? Infinity, ...page.skippedMs);
  }
  if (firstMs === Infinity) return { history: undefined, requests };
  const listedWithin = firstMs > toMs;
  return {
    history: { probedFromMs: toMs, firstDayMs: listedWithin ? firstMs : undefined },
    requests,
  };
}
