import type { Timeframe } from './timeframe.js';

/** One symbol at one timeframe: what coverage, gaps and completeness are kept for. */
export interface Series {
  /** The venue's own name, for example `BTCUSDT`. */
  readonly symbol: string;
  readonly timeframe: Timeframe;
}
