import type { LiveCandle } from './live-candle.js';

/**
 * The latest values of one pair. Texts are the venue's own, so nothing is lost to rounding; prices
 * in quote currency, `price24hPcnt` a fraction (0.0068 is 0.68 %), `volume24h` in base and
 * `turnover24h` in quote currency.
 */
export interface Ticker {
  readonly symbol: string;
  readonly lastPrice: string;
  readonly price24hPcnt: string;
  readonly highPrice24h: string;
  readonly lowPrice24h: string;
  readonly volume24h: string;
  readonly turnover24h: string;
  /** The venue's clock in the frame, ms. */
  readonly venueTimeMs: number;
  /** Local clock at receipt, ms with a fraction of microseconds. */
  readonly receivedAtMs: number;
}

/** `stored`, or `superseded` when another stream attempt has taken over the tickers. */
export type TickerWrite = 'stored' | 'superseded';

/** The live tickers that other programs read. */
export interface TickerCache {
  /**
   * Writes the hash of each ticker with its time to live and publishes it.
   *
   * @param tickers at most one a symbol
   * @throws ServerAway when the cache does not answer: nothing, or a part, was written
   */
  write(tickers: readonly Ticker[]): Promise<TickerWrite>;
  /**
   * Writes the hashes again with a new time to live, without publishing: a pair that is quiet keeps
   * its ticker while the stream lives, and a cache that lost its data gets it back.
   *
   * @throws ServerAway
   */
  renew(tickers: readonly Ticker[]): Promise<TickerWrite>;
  /**
   * Tells other programs of closed candles that are stored.
   *
   * @throws ServerAway
   */
  publishClosedCandles(candles: readonly LiveCandle[]): Promise<TickerWrite>;
  /** Gives the tickers up to the next attempt at once. Never fails. */
  release(): Promise<void>;
}
