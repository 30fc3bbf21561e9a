import type { BackfillRequest } from './backfill.js';

/** Which pairs a stream follows. */
export type StreamPairs = BackfillRequest['pairs'];

/** The one shard of today: a second one would get an id of its own. */
export const STREAM_SHARD = '0';

export function streamWorkflowId(shard: string = STREAM_SHARD): string {
  return `stream/bybit/spot/${shard}`;
}

export interface StreamRequest {
  readonly pairs: StreamPairs;
}

/** What the stream was planned to follow, decided by asking the venue. */
export interface StreamPlan {
  /** Label of the venue, see `BYBIT_SOURCE`. */
  readonly source: string;
  /** The database that the plan was made from; nothing of the stream may go into another one. */
  readonly databaseId: string;
  /** In order of turnover for the top, else as asked. */
  readonly symbols: readonly string[];
}

/**
 * - `planning`: the symbols are being chosen
 * - `connecting`: an activity is to open the sockets
 * - `live`: data flows
 * - `rotating`: a successor is opening its sockets beside the activity that is live
 * - `stopping`: the sockets are being closed
 * - `stopped`: they are closed
 */
export type StreamPhase = 'planning' | 'connecting' | 'live' | 'rotating' | 'stopping' | 'stopped';

/** Answer of the query `status`. */
export interface StreamStatus {
  readonly phase: StreamPhase;
  /** Label of the venue; empty while planning. */
  readonly source: string;
  readonly pairs: StreamPairs;
  readonly symbols: readonly string[];
  readonly startedAtMs: number;
  /** Times that a new activity took over from a running one. */
  readonly rotations: number;
}

/** Answer of the update `setSymbols`. */
export interface SymbolsChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** The set that is followed now. */
  readonly symbols: readonly string[];
}

/** What the stream's activity tells in its heartbeats. */
export interface StreamFigures {
  /** `reconnecting`: at least one connection is down and by its schedule of reconnects. */
  readonly state: 'connecting' | 'live' | 'reconnecting';
  readonly connections: number;
  readonly liveConnections: number;
  readonly symbols: number;
  /** Local clock when this attempt began, ms. */
  readonly sinceMs: number;
  /** Frames received. */
  readonly messages: number;
  readonly tickersWritten: number;
  /** Tickers that Redis did not take. */
  readonly tickersDropped: number;
  readonly candlesStored: number;
  /** Stored candles that a later answer changed. */
  readonly revisions: number;
  readonly reconnects: number;
  /** Gaps of kind `disconnected` handed over to repair. */
  readonly gaps: number;
  /** From the venue's clock in a frame to the ticker written, ms, the median and 99 % of the last minute. */
  readonly lagMs: { readonly p50: number; readonly p99: number } | undefined;
  /** Age of the oldest "last frame" among the connections, ms. */
  readonly dataAgeMs: number | undefined;
  /** Topics that the venue refuses, at most ten. */
  readonly refusedTopics: readonly string[];
  /** Why a connection is down, one line. */
  readonly lastError: string | undefined;
  /** Resident memory of the worker, bytes. */
  readonly rssBytes: number;
}
