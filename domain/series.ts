import type { Timeframe } from './timeframe.js';

/** One symbol at one timeframe: what coverage, gaps and completeness are kept for. */
export interface Series {
  /** The venue's own name, for example `BTCUSDT`. */
  readonly symbol: string;
  readonly timeframe: Timeframe;
}

/** Whether `text` may be a symbol: as the venue writes them; the database takes 20 characters. */
export function isSymbolName(text: string): boolean {
  return /^[A-Z0-9]{2,20}$/.test(text);
}
