import type { StreamFigures, StreamStatus } from '../domain/stream.js';

/** What is known of a stream at a moment, from two sources of which each may be silent. */
export interface StreamStanding {
  /** Last answer of the query `status`; undefined before the first one. */
  readonly status: StreamStatus | undefined;
  /** Whether a worker answers now; where none does, all else is of the past. */
  readonly answered: boolean;
  /** The activity that holds the sockets; undefined before it is asked for and after its end. */
  readonly activity: StreamActivity | undefined;
}

/** The stream's activity as Temporal's server knows it. */
export interface StreamActivity {
  /** Whether a worker has it. */
  readonly started: boolean;
  /** Of its last heartbeat; undefined before the first one. */
  readonly figures: StreamFigures | undefined;
  /** The server's clock at that heartbeat, ms. */
  readonly heartbeatAtMs: number | undefined;
  /** Why its last attempt ended, one line. */
  readonly lastFailure: string | undefined;
}

export const NOTHING_KNOWN: StreamStanding = {
  status: undefined,
  answered: false,
  activity: undefined,
};

/**
 * What the stream does, in a word or two. The figures know of a lost connection before the workflow
 * does, so they go before its phase.
 */
export function streamWord({ status, answered, activity }: StreamStanding): string {
  if (status === undefined) return 'waiting for an answer';
  if (!answered) return 'not answering';
  const { phase } = status;
  if (phase === 'planning' || phase === 'stopping' || phase === 'stopped') return phase;
  if (activity !== undefined && !activity.started) {
    return activity.lastFailure === undefined ? 'waiting for a worker' : 'starting again';
  }
  const state = activity?.figures?.state;
  if (phase === 'rotating' && state !== 'reconnecting') return phase;
  return state ?? phase;
}

/** Whether data flows, or has flowed, through this stream. */
export function hasBeenLive({ status, activity }: StreamStanding): boolean {
  // the workflow is told at once, the figures come every few seconds
  if (status?.phase === 'live' || status?.phase === 'rotating') return true;
  const figures = activity?.figures;
  if (figures === undefined) return false;
  return figures.state === 'live' || figures.liveConnections > 0 || figures.tickersWritten > 0;
}

/** Why no connection of a stream could be opened so far; undefined while that is not known. */
export function whyUnreachable(standing: StreamStanding): string | undefined {
  const figures = standing.activity?.figures;
  if (figures?.state !== 'reconnecting' || hasBeenLive(standing)) return undefined;
  return figures.lastError;
}
