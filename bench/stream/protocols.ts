import type { PostgresAddress } from '../../stack/start-postgres.js';
import type { DelayFigures } from './delays.js';
import type { Pattern } from './rhythm.js';

/** What the sender is to send. */
export interface Play {
  /** So many symbols, the first that were subscribed to, a ticker each in every round. */
  readonly symbols: number;
  readonly everyMs: number;
  readonly pattern: Pattern;
  readonly forMs: number;
  /** Also an open candle of each series every second, and in the middle the close of all of them. */
  readonly candles: boolean;
}

export interface Played {
  /** Tickers sent of symbols that are followed. */
  readonly tickers: number;
  /** Closing frames sent. */
  readonly closes: number;
  /** Rounds that were left out because the sender had no CPU. */
  readonly skippedRounds: number;
}

/** The venue: prepared frames to whoever subscribes. */
export interface SenderProtocol {
  readonly listen: { readonly ask: undefined; readonly reply: { readonly url: string } };
  readonly play: { readonly ask: Play; readonly reply: Played };
}

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

export interface ReceiverStart {
  readonly wsUrl: string;
  readonly redis: RedisAddress;
  readonly postgres: PostgresAddress;
  readonly symbols: readonly string[];
}

/** What was written since the last `begin`. */
export interface Received {
  readonly written: number;
  readonly candles: number;
  /** From the frame at hand to the ticker written, ms. */
  readonly fromReceipt: DelayFigures;
  /** From the frame sent by the other process to the ticker written, ms. */
  readonly fromSending: DelayFigures;
}

/** Resident memory once so many tickers had been written. */
export interface MemoryMark {
  readonly written: number;
  readonly rssBytes: number;
}

/** M1's own way of a ticker. */
export interface ReceiverProtocol {
  /** Answers when every connection is live. */
  readonly start: { readonly ask: ReceiverStart; readonly reply: { readonly connections: number } };
  readonly begin: { readonly ask: undefined; readonly reply: unknown };
  /** Answers when all that came is written. */
  readonly report: { readonly ask: undefined; readonly reply: Received };
  /** Since the start. */
  readonly memory: { readonly ask: undefined; readonly reply: readonly MemoryMark[] };
  readonly stop: { readonly ask: undefined; readonly reply: unknown };
}

export interface FloorRun {
  readonly updates: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** The smallest loop. */
export interface FloorProtocol {
  readonly run: {
    readonly ask: { readonly redis: RedisAddress; readonly forMs: number };
    readonly reply: FloorRun;
  };
}
