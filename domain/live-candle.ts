import type { Candle } from './candle.js';
import type { Series } from './series.js';

/** A candle that the venue's stream has declared closed. */
export interface LiveCandle extends Series, Candle {
  /** As in `Candles`. */
  readonly turnover: number;
  /** The venue's clock in the frame, ms. */
  readonly venueTimeMs: number;
  /** Local clock at receipt, ms. */
  readonly receivedAtMs: number;
}
