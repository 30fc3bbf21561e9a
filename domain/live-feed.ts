import type { LiveCandle } from './live-candle.js';
import type { Series } from './series.js';
import type { Ticker } from './ticker.js';

/** What a feed tells. Called in the order of receipt; must not throw and must not block. */
export interface LiveFeedListener {
  ticker(ticker: Ticker): void;
  /** May come twice for one candle. */
  closedCandle(candle: LiveCandle): void;
  /** The venue's clock as two frames in a row of one connection have told it, ms; never goes back. */
  venueTime(timeMs: number): void;
  /**
   * Every close of these series from `venueTimeMs` on will be told: their topics are acknowledged,
   * and two frames in a row have told that time afterwards, since one alone is not believed.
   */
  live(series: readonly Series[], venueTimeMs: number): void;
  /** Closes of these series may be missed from now on, until `live` names them again. */
  lost(series: readonly Series[], reason: string): void;
  /** The venue refuses one topic; the others go on. */
  refused(topic: string, reason: string): void;
}

/**
 * - `connecting`: the socket is being opened
 * - `subscribing`: open, not every topic is acknowledged or fewer than two frames of data have come since
 * - `live`: data flows
 * - `waiting`: for the next attempt, by the schedule of reconnects
 */
export type ConnectionState = 'connecting' | 'subscribing' | 'live' | 'waiting';

export interface ConnectionStatus {
  readonly state: ConnectionState;
  readonly topics: number;
  /** Age of the last frame with data, ms by a steady clock; undefined: none yet. */
  readonly dataAgeMs: number | undefined;
  /** Attempts to connect since data last flowed. */
  readonly attempts: number;
  /** Why the last connection ended, one line; undefined: none has. */
  readonly lastError: string | undefined;
}

export interface FeedStatus {
  readonly connections: readonly ConnectionStatus[];
  /** Connections that became live again. */
  readonly reconnects: number;
  /** Frames received. */
  readonly messages: number;
  /** Frames, and candles within them, that could not be read; each was passed over. */
  readonly malformed: number;
  readonly refusedTopics: readonly string[];
}

/** The venue's live data for a fixed set of symbols: tickers, and klines of all timeframes. */
export interface LiveFeed {
  status(): FeedStatus;
  /** Closes the sockets; from the call on the listener hears nothing more. */
  close(): Promise<void>;
}

/** Opens a feed; it connects, and connects again, by itself until it is closed. */
export type OpenLiveFeed = (symbols: readonly string[], listener: LiveFeedListener) => LiveFeed;
