import { performance } from 'node:perf_hooks';
import type { FrameKind } from './stream-frame.js';

/** The life of a connection; times are real time, ms since 1970 with a fraction. */
export interface ConnectionRecord {
  readonly id: string;
  /** 0 = the first since the start or the last reset. */
  readonly index: number;
  readonly openedAtMs: number;
  /** Absent while it is open. */
  readonly closedAtMs?: number;
  /** 1006 = ended without a close frame. */
  readonly closeCode?: number;
}

/** A client's attempt to connect. */
export interface AttemptRecord {
  readonly atMs: number;
  readonly accepted: boolean;
}

/** A subscribe or unsubscribe request and its answer. */
export interface RequestRecord {
  readonly connection: string;
  readonly atMs: number;
  readonly op: string;
  readonly args: readonly string[];
  readonly reqId?: string;
  readonly success: boolean;
  readonly retMsg: string;
}

/** What was asked and sent so far. */
export interface StreamSnapshot {
  readonly connections: {
    readonly now: number;
    readonly ever: number;
    readonly list: readonly ConnectionRecord[];
  };
  readonly attempts: readonly AttemptRecord[];
  /** Subscribe and unsubscribe requests; acks are those that succeeded. */
  readonly requests: number;
  readonly acks: number;
  readonly refusals: number;
  readonly frames: Readonly<Record<FrameKind | 'malformed', number>>;
  /** `op`: the venue's own ping message; `protocol`: ping frames of WebSocket. */
  readonly pings: { readonly op: number; readonly protocol: number };
  /** Connections cut because the client did not read. */
  readonly slowConsumers: number;
  /** Candles that closed in a jump of the clock too long to be sent, over all topics. */
  readonly skippedCandles: number;
}

const LOG_SIZE = 10_000;

/** Counts what happens on the stream and remembers the latest connections and requests. */
export class StreamStats {
  #connections: ConnectionRecord[] = [];
  #attempts: AttemptRecord[] = [];
  #requests: RequestRecord[] = [];
  #counts = newCounts();

  recordAttempt(accepted: boolean): void {
    keep(this.#attempts, { atMs: realNowMs(), accepted });
  }

  recordOpened(id: string): void {
    const index = this.#counts.connections++;
    keep(this.#connections, { id, index, openedAtMs: realNowMs() });
  }

  recordClosed(id: string, closeCode: number): void {
    const at = this.#connections.findIndex((each) => each.id === id);
    const record = this.#connections[at];
    if (record === undefined) return;
    this.#connections[at] = { ...record, closedAtMs: realNowMs(), closeCode };
  }

  recordRequest(record: Omit<RequestRecord, 'atMs'>): void {
    this.#counts.requests++;
    if (record.success) this.#counts.acks++;
    else this.#counts.refusals++;
    keep(this.#requests, { ...record, atMs: realNowMs() });
  }

  recordFrame(kind: FrameKind | 'malformed'): void {
    this.#counts.frames[kind]++;
  }

  recordPing(kind: 'op' | 'protocol'): void {
    this.#counts.pings[kind]++;
  }

  recordSlowConsumer(): void {
    this.#counts.slowConsumers++;
  }

  recordSkipped(candles: number): void {
    this.#counts.skippedCandles += candles;
  }

  snapshot(): StreamSnapshot {
    const { connections, frames, pings, ...counts } = this.#counts;
    const list = [...this.#connections];
    const now = list.filter((each) => each.closedAtMs === undefined).length;
    return {
      connections: { now, ever: connections, list },
      attempts: [...this.#attempts],
      frames: { ...frames },
      pings: { ...pings },
      ...counts,
    };
  }

  /** The latest subscribe and unsubscribe requests in the order of arrival. */
  requests(): RequestRecord[] {
    return [...this.#requests];
  }

  /** Forgets all but the connections that are open. */
  reset(): void {
    this.#connections = this.#connections
      .filter((each) => each.closedAtMs === undefined)
      .map((each, index) => ({ ...each, index }));
    this.#attempts = [];
    this.#requests = [];
    this.#counts = { ...newCounts(), connections: this.#connections.length };
  }
}

function newCounts() {
  return {
    connections: 0,
    requests: 0,
    acks: 0,
    refusals: 0,
    frames: { ack: 0, pong: 0, ticker: 0, kline: 0, closing: 0, malformed: 0 },
    pings: { op: 0, protocol: 0 },
    slowConsumers: 0,
    skippedCandles: 0,
  };
}

/** Real time, ms since 1970, that never jumps. */
function realNowMs(): number {
  return performance.timeOrigin + performance.now();
}

function keep<T>(log: T[], entry: T): void {
  log.push(entry);
  if (log.length > LOG_SIZE) log.shift();
}
