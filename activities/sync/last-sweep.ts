import { GiveUpSymbol } from '../../domain/failure.js';
import { pageWindows } from '../../domain/page.js';
import { closedUntilMs, settlePage } from '../../domain/settle.js';
import type { CandleStore, FetchOrigin } from '../../domain/stores.js';
import type { DelistedSeries } from '../../domain/sync.js';
import { normalise } from '../../domain/time-range.js';
import type { RequestOptions, Venue } from '../../domain/venue.js';
import { askPage } from '../ask-page.js';

export interface LastSweepDeps {
  readonly venue: Venue;
  readonly candles: CandleStore;
  readonly origin: FetchOrigin;
  readonly signal: AbortSignal;
}

/**
 * Asks a last time for what a delisted series lacks at its end, page after page until one is empty.
 * Most venues refuse a symbol that is gone; some serve its frozen candles.
 *
 * @param venueTimeMs the venue's clock, ms
 * @throws RetrySoon, WaitUntil, GiveUpRun
 */
export async function lastSweep(
  { venue, candles, origin, signal }: LastSweepDeps,
  { symbol, timeframe, endMs }: DelistedSeries,
  venueTimeMs: number,
): Promise<void> {
  const series = { symbol, timeframe };
  const request: RequestOptions = { budgetClass: 'upkeep', signal };
  const unsettled = normalise([{ fromMs: endMs, toMs: closedUntilMs(timeframe, venueTimeMs) }]);
  for (const window of pageWindows(unsettled, timeframe)) {
    try {
      const { page } = await askPage(venue, series, window, request);
      if (page.candles.openTimeMs.length === 0) return;
      const settled = settlePage(page, timeframe);
      await candles.storePage({ series, page: settled, origin, startsOnFirstDay: false });
    } catch (error) {
      if (error instanceof GiveUpSymbol) return;
      throw error;
    }
  }
}
