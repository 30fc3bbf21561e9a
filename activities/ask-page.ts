import type { CandlePage } from '../domain/page.js';
import type { Series } from '../domain/series.js';
import type { TimeRange } from '../domain/time-range.js';
import type { RequestOptions, Venue } from '../domain/venue.js';

export interface AskedPage {
  readonly page: CandlePage;
  /** One, or two when the first answer was empty. */
  readonly requests: number;
}

/** Asks for a window. An answer without any row is believed only when the venue gives it twice. */
export async function askPage(
  venue: Venue,
  series: Series,
  window: TimeRange,
  options: RequestOptions,
): Promise<AskedPage> {
  const page = await venue.candles(series, window, options);
  if (page.candles.openTimeMs.length > 0 || page.skippedMs.length > 0) return { page, requests: 1 };
  return { page: await venue.candles(series, window, options), requests: 2 };
}
