import type { Series } from './series.js';

/** A candle that the venue's stream has declared closed. Prices and amounts as in `Candles`. */
export interface LiveCandle extends Series {
  readonly openTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly turnover: number;
  /** The venue's clock in the frame, ms. */
  readonly venueTimeMs: number;
  /** Local clock at receipt, ms. */
  readonly receivedAtMs: number;
}
