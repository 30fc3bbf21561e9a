import type { WallClock } from './market-clock.js';
import type { Quirks } from './quirks.js';

/** What `m1 simulate` and `startSimulator` take; everything has a default. */
export interface SimulatorOptions {
  /** `--port`: port on 127.0.0.1; 0 (default) takes a free one. */
  readonly port?: number;
  /**
   * `--candles`: file or files of recorded 5-minute candles (CSV, .gz allowed). The simulator then
   * serves exactly their symbols, and `now` is normally set beside it.
   */
  readonly candles?: string | readonly string[];
  /** `--now`: start of the market clock, ISO 8601 or ms. Default: the real time. */
  readonly now?: string | number;
  /** `--speed`: how many times faster than real time the market clock runs; 0 stops it. Default 1. */
  readonly speed?: number;
  /** `--seed`: the synthetic market; the same seed gives the same candles. Default "m1". */
  readonly seed?: string | number;
  /** `--pairs`: how many synthetic pairs trade at once. Default 60. */
  readonly pairs?: number;
  /** How many of them were listed in the last weeks. Default a tenth of them, at most 4. */
  readonly recentListings?: number;
  /** `--latency`: delay of every answer, ms. Default 0. */
  readonly latencyMs?: number;
  /** Up to so many ms more, by chance. Default 0. */
  readonly jitterMs?: number;
  /** `--limit`: requests that one IP may send in any 5 s; 0 switches the limit off. Default 600. */
  readonly limit?: number;
  /** How long a breach of the limit bans the IP, ms of real time. Default 600000. */
  readonly banMs?: number;
  /** Keeps finished kline pages (at most 1500 and 150 MB) to spare CPU. Default true. */
  readonly pageCache?: boolean;
  /** How many kline requests the statistics remember; 0 = none. Default 20000. */
  readonly klineLog?: number;
  /** A ticker is sent at most once in so many ms of real time; 50 is the venue's. Default 250. */
  readonly tickerIntervalMs?: number;
  /** An open candle is sent once in so many ms of real time. Default 1000. */
  readonly klineIntervalMs?: number;
  /**
   * So many pairs, by rank, have a new ticker every time; the others trade more rarely. Default 50.
   */
  readonly busyPairs?: number;
  /** Unsent bytes of a stream connection beyond which its client is cut. Default 8000000. */
  readonly streamBufferBytes?: number;
  /** Behaviour of the venue that is not settled; see Quirks for the defaults. */
  readonly quirks?: Partial<Quirks>;
  /** Clock (ms, any zero) under the market clock and the rate limit. Default: a monotonic clock. */
  readonly wallClock?: WallClock;
}

/** A number that an option was given. Thrown: an Error with the option's name when it is none. */
export function atLeastZero(name: string, value: number): number {
  if (value >= 0 && Number.isFinite(value)) return value;
  throw new Error(`${name}: a number of 0 or more expected`);
}
