import { reconnectWaitMs } from '../../domain/reconnect.js';

/** How long the parts of a connection's life may take. Milliseconds. */
export interface StreamTiming {
  /** From the first attempt to resolve the name to the open WebSocket. Default 10,000. */
  readonly connectTimeoutMs: number;
  /** From a subscribe request to its answer. Default 10,000. */
  readonly ackTimeoutMs: number;
  /** Between pings. Default 20,000, as the venue advises. */
  readonly pingIntervalMs: number;
  /** Without data for so long a connection is dead. Default 30,000. */
  readonly silenceLimitMs: number;
  /** For the closing handshake, before the socket is cut. Default 500. */
  readonly closeGraceMs: number;
  /** Wait before the attempt-th attempt since data last flowed. Default `reconnectWaitMs`. */
  readonly reconnectWaitMs: (attempt: number, chance: number) => number;
}

export const STREAM_TIMING: StreamTiming = {
  connectTimeoutMs: 10_000,
  ackTimeoutMs: 10_000,
  pingIntervalMs: 20_000,
  silenceLimitMs: 30_000,
  closeGraceMs: 500,
  reconnectWaitMs,
};
