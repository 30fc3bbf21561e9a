import { emptyCandles, type Candles } from '../../../domain/candles.js';
import { settlePage } from '../../../domain/settle.js';
import type { StorePage } from '../../../domain/stores.js';
import type { TimeRange } from '../../../domain/time-range.js';
import { timeframeMs, type Timeframe } from '../../../domain/timeframe.js';
import { ORIGIN } from '../pages.js';

export const DAY = timeframeMs('1d');

/** A midnight. */
export const FIRST_DAY = Date.UTC(2026, 0, 1);

/** Prices of the 5m candle that opens at a moment: any, and different for neighbours. */
function shortCandle(openTimeMs: number) {
  const n = openTimeMs / timeframeMs('5m');
  const open = 100 + (n % 37);
  return { open, high: open + 5 + (n % 11), low: open - 7 - (n % 5), close: 101 + (n % 41) };
}

/** The market's candles of a span, the longer ones made of those of 5m but `without`. */
export function marketCandles(
  timeframe: Timeframe,
  { fromMs, toMs }: TimeRange,
  without: ReadonlySet<number> = new Set(),
): Candles {
  const length = timeframeMs(timeframe);
  const opens = [];
  for (let at = fromMs; at < toMs; at += length) if (!without.has(at)) opens.push(at);
  const candles = emptyCandles(opens.length);
  opens.forEach((openTimeMs, i) => {
    const parts = [];
    for (let at = openTimeMs; at < openTimeMs + length; at += timeframeMs('5m')) {
      parts.push(shortCandle(at));
    }
    candles.openTimeMs[i] = openTimeMs;
    candles.open[i] = parts[0]?.open ?? 0;
    candles.high[i] = Math.max(...parts.map(({ high }) => high));
    candles.low[i] = Math.min(...parts.map(({ low }) => low));
    candles.close[i] = parts.at(-1)?.close ?? 0;
    // a tenth is no number of the computer, so the sum differs in its last digits
    candles.volume[i] = parts.length / 10;
    candles.turnover[i] = 1;
  });
  return candles;
}

/** A page of the market, in which the venue had all but `without`. */
export function marketPage(
  symbol: string,
  timeframe: Timeframe,
  window: TimeRange,
  without: ReadonlySet<number> = new Set(),
): StorePage {
  const venueTimeMs = window.toMs + DAY;
  const candles = marketCandles(timeframe, window, without);
  return {
    series: { symbol, timeframe },
    page: settlePage({ window, venueTimeMs, candles, skippedMs: [] }, timeframe),
    origin: ORIGIN,
    startsOnFirstDay: false,
  };
}

/** Pages of at most three days, which are 864 candles of 5m. */
export function pagesOfDays(window: TimeRange): TimeRange[] {
  const pages: TimeRange[] = [];
  for (let fromMs = window.fromMs; fromMs < window.toMs; fromMs += 3 * DAY) {
    pages.push({ fromMs, toMs: Math.min(window.toMs, fromMs + 3 * DAY) });
  }
  return pages;
}
