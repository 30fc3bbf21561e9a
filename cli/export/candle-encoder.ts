import type { TimedCandle } from '../../domain/verify.js';

/** Takes bytes; more may come when it resolves, and the bytes may be changed then. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void>;

/** Turns candles into the bytes of a file. */
export interface CandleEncoder {
  write(candles: readonly TimedCandle[]): Promise<void>;
  /** Writes what is left; none may follow. */
  finish(): Promise<void>;
}

/** The values of a candle, in the order of the columns behind `timestamp`. */
export const VALUE_COLUMNS = ['open', 'high', 'low', 'close', 'volume', 'turnover'] as const;
