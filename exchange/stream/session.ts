import WebSocket from 'ws';
import { reasonOf } from '../../domain/failure.js';
import type { ConnectionState } from '../../domain/live-feed.js';
import { errorReason } from '../network-reason.js';
import { closeReason } from './end-reason.js';
import type { FrameReader } from './frame-reader.js';
import type { Reply } from './parse-frame.js';
import { Subscription, type Refusal } from './subscription.js';
import type { StreamTiming } from './timing.js';
import { CANARY_NAME } from './topics.js';
import { Watchdog } from './watchdog.js';

export interface SessionOptions {
  readonly url: string;
  /** Names of what to subscribe to. */
  readonly topics: readonly string[];
  readonly reader: FrameReader;
  readonly timing: StreamTiming;
  readonly events: SessionEvents;
}

export interface SessionEvents {
  refused(refusals: readonly Refusal[]): void;
  /** All topics are settled, and two frames of data have come since. At most once. */
  live(venueTimeMs: number): void;
  /** Something threw while a frame was told. `ended` follows. */
  bug(error: unknown): void;
  /** Once, unless `close` was called. One line. */
  ended(reason: string): void;
}

/** Hundreds of times what the venue sends in one frame. Bytes. */
const MAX_FRAME_BYTES = 256 * 1024;

/**
 * - Compression is not offered: each frame would be inflated by itself through the thread pool, which
 *   takes some 40 us where all else done with it takes under 10; the busiest market is about 5 MB/s.
 * - The UTF-8 check is left out, since JSON.parse refuses what matters.
 */
const SOCKET_OPTIONS = {
  perMessageDeflate: false,
  skipUTF8Validation: true,
  maxPayload: MAX_FRAME_BYTES,
  followRedirects: false,
};

const NORMAL_CLOSURE = 1000;

const PING = JSON.stringify({ req_id: 'ping', op: 'ping' });

/** The life of one socket: it connects, subscribes, is watched, and ends once. */
export class Session {
  readonly #options: SessionOptions;
  readonly #socket: WebSocket;
  readonly #subscription: Subscription;
  readonly #connectTimer: NodeJS.Timeout;
  #pingTimer: NodeJS.Timeout | undefined;
  #watchdogs: readonly Watchdog[] = [];
  #state: Exclude<ConnectionState, 'waiting'> = 'connecting';
  #over = false;
  #framesSinceComplete = 0;
  #openedMs = 0;
  /** When the last pong came, if pongs have to do because the canary is refused. */
  #pongMs = 0;
  #hasCanary: boolean;

  constructor(options: SessionOptions) {
    const { url, topics, timing } = options;
    this.#options = options;
    this.#subscription = new Subscription(topics);
    this.#hasCanary = topics.includes(CANARY_NAME);
    this.#connectTimer = setTimeout(
      () => this.#end(`no connection within ${seconds(timing.connectTimeoutMs)}`),
      timing.connectTimeoutMs,
    );
    this.#socket = new WebSocket(url, SOCKET_OPTIONS)
      .on('open', () => this.#opened())
      .on('message', (data) => this.#received(data as Buffer))
      .on('unexpected-response', (_request, { statusCode }) =>
        this.#end(`HTTP ${statusCode ?? 'answer'} on connecting`),
      )
      .on('error', (error) => this.#end(errorReason(error)))
      .on('close', (code, text) => this.#end(closeReason(code, text.toString())));
  }

  get state(): Exclude<ConnectionState, 'waiting'> {
    return this.#state;
  }

  /** Ends the socket for a reason that its owner sees. */
  giveUp(reason: string): void {
    this.#end(reason);
  }

  /** Says goodbye to the venue, and cuts the socket when it does not answer. Never fails. */
  async close(): Promise<void> {
    this.#stop();
    const socket = this.#socket;
    if (socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const grace = setTimeout(() => socket.terminate(), this.#options.timing.closeGraceMs);
    socket.close(NORMAL_CLOSURE);
    await closed;
    clearTimeout(grace);
  }

  #opened(): void {
    if (this.#over) return;
    const { timing, reader } = this.#options;
    clearTimeout(this.#connectTimer);
    this.#state = 'subscribing';
    this.#openedMs = performance.now();
    this.#pingTimer = setInterval(() => this.#socket.send(PING), timing.pingIntervalMs);
    const unansweredMs = (): number => {
      const nowMs = performance.now();
      return nowMs - (this.#subscription.unansweredSinceMs ?? nowMs);
    };
    const silentMs = (): number =>
      performance.now() - Math.max(this.#openedMs, reader.lastDataMs ?? 0, this.#pongMs);
    this.#watchdogs = [
      new Watchdog(timing.ackTimeoutMs, unansweredMs, () =>
        this.#end(`no answer to a subscription within ${seconds(timing.ackTimeoutMs)}`),
      ),
      new Watchdog(timing.silenceLimitMs, silentMs, () =>
        this.#end(`no data for ${seconds(timing.silenceLimitMs)}`),
      ),
    ];
    this.#subscribe();
  }

  #subscribe(): void {
    while (!this.#over) {
      const request = this.#subscription.next(performance.now());
      if (request === undefined) return;
      const { id, topics } = request;
      this.#socket.send(JSON.stringify({ req_id: id, op: 'subscribe', args: topics }));
    }
  }

  #received(data: Buffer): void {
    // The rest of a chunk still comes after the socket was cut.
    if (this.#over) return;
    try {
      this.#take(this.#options.reader.read(data.toString()));
    } catch (error) {
      // What was told is in doubt now: `lost` and a new connection make that known and mend it.
      this.#options.events.bug(error);
      this.#end(`a frame could not be told: ${reasonOf(error)}`);
    }
  }

  #take(answer: 'data' | 'pong' | Reply | undefined): void {
    if (answer === 'data') this.#tookData();
    else if (answer === 'pong') this.#tookPong();
    else if (answer !== undefined) this.#tookReply(answer);
  }

  #tookData(): void {
    const { venueTimeMs } = this.#options.reader;
    if (this.#state === 'live' || this.#over || !this.#subscription.complete) return;
    // Two frames of this socket must have told the time: what it was before says nothing of now.
    if (++this.#framesSinceComplete < 2) return;
    this.#state = 'live';
    this.#options.events.live(venueTimeMs);
  }

  #tookPong(): void {
    if (!this.#hasCanary) this.#pongMs = performance.now();
  }

  #tookReply(reply: Reply): void {
    const refusals = this.#subscription.answer(reply);
    if (refusals.some(({ topic }) => topic === CANARY_NAME)) this.#hasCanary = false;
    if (refusals.length > 0) this.#options.events.refused(refusals);
    const { failure } = this.#subscription;
    if (failure === undefined) this.#subscribe();
    else this.#end(`the venue refuses every subscription: ${failure}`);
  }

  #end(reason: string): void {
    if (this.#over) return;
    this.#stop();
    this.#socket.terminate();
    this.#options.events.ended(reason);
  }

  #stop(): void {
    this.#over = true;
    clearTimeout(this.#connectTimer);
    clearInterval(this.#pingTimer);
    for (const watchdog of this.#watchdogs) watchdog.stop();
  }
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
