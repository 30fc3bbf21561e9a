import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { spoilFrame } from './malformed-frame.js';
import type { WallClock } from './market-clock.js';
import type { StreamFaultEffect } from './stream-fault-rule.js';
import type { StreamFaults } from './stream-faults.js';
import type { FrameKind, StreamFrame } from './stream-frame.js';
import type { StreamStats } from './stream-stats.js';
import type { KlineTopic, StreamTopic, TickerTopic } from './stream-topic.js';

/** What a connection is made of. */
export interface ConnectionParts {
  readonly id: string;
  readonly socket: WebSocket;
  /** The TCP connection below it. */
  readonly transport: Duplex;
  readonly faults: StreamFaults;
  readonly stats: StreamStats;
  /** Clock of real time. */
  readonly realClock: WallClock;
  /** Unsent bytes beyond which the client is cut. */
  readonly bufferBytes: number;
}

/** A client that reads nothing at all is cut after so long, ms. */
const STALLED_MS = 10_000;
/** From this share of the buffer on, work that can wait waits. */
const CONGESTED_SHARE = 0.25;

/** One client of the stream: its topics, and the way of messages to it. */
export class StreamConnection {
  readonly id: string;
  readonly #parts: ConnectionParts;
  readonly #tickers = new Map<string, TickerTopic>();
  readonly #klines = new Map<string, KlineTopic>();
  readonly #noteProgress: () => void;
  #silent = false;
  #corked = false;
  #progressMs: number;
  #activityMs: number;

  constructor(parts: ConnectionParts) {
    this.id = parts.id;
    this.#parts = parts;
    this.#progressMs = this.#activityMs = parts.realClock();
    this.#noteProgress = () => (this.#progressMs = parts.realClock());
  }

  /** Whether messages can still reach the client. */
  get isLive(): boolean {
    return !this.#silent && this.#parts.socket.readyState === this.#parts.socket.OPEN;
  }

  /** Whether more is unsent than a client that keeps up ever has. */
  get isCongested(): boolean {
    return this.#parts.socket.bufferedAmount > CONGESTED_SHARE * this.#parts.bufferBytes;
  }

  has(topic: string): boolean {
    return this.#tickers.has(topic) || this.#klines.has(topic);
  }

  add(topic: StreamTopic): void {
    if (topic.kind === 'ticker') this.#tickers.set(topic.topic, topic);
    else this.#klines.set(topic.topic, topic);
  }

  remove(topic: string): void {
    this.#tickers.delete(topic);
    this.#klines.delete(topic);
  }

  topics(): string[] {
    return [...this.#tickers.keys(), ...this.#klines.keys()];
  }

  tickers(): Iterable<TickerTopic> {
    return this.#tickers.values();
  }

  klines(): Iterable<KlineTopic> {
    return this.#klines.values();
  }

  /** Sends a message, with the faults that meet it. */
  deliver(frame: StreamFrame): void {
    if (!this.isLive) return;
    const effects = this.#parts.faults.meet(this.id, frame);
    if (effects.length === 0) this.#send(frame.kind, frame.text);
    else this.#deliverWith(effects, frame);
  }

  /** Notes a sign of life of the client. */
  noteActivity(): void {
    this.#activityMs = this.#parts.realClock();
  }

  /** Cuts the client when it does not read, or is idle for `idleMs`. */
  checkHealth(idleMs: number): void {
    if (!this.isLive) return;
    const nowMs = this.#parts.realClock();
    if (!this.isCongested) this.#progressMs = nowMs;
    if (nowMs - this.#progressMs > STALLED_MS) this.#cutSlowConsumer();
    else if (nowMs - this.#activityMs > idleMs) this.cut();
  }

  /** Ends the connection: with a close frame when there is a code, else without a word. */
  cut(code?: number): void {
    if (code === undefined) this.#parts.socket.terminate();
    else this.#parts.socket.close(code);
  }

  /**
   * From now on nothing is sent and nothing is answered, not even a close frame; the connection
   * stays open until the client goes.
   */
  fallSilent(): void {
    if (this.#silent) return;
    this.#silent = true;
    const { transport } = this.#parts;
    // past the WebSocket layer, which would answer pings and close frames by itself
    transport.removeAllListeners('data');
    transport.on('data', () => undefined);
    transport.resume();
  }

  #deliverWith(effects: readonly StreamFaultEffect[], frame: StreamFrame): void {
    const messages: [FrameKind | 'malformed', string | Buffer][] = [];
    let copies = 1;
    let delayMs = 0;
    for (const effect of effects) {
      if (effect.kind === 'duplicate') copies++;
      else if (effect.kind === 'withhold') copies = 0;
      else if (effect.kind === 'delay') delayMs += effect.delayMs;
      else if (effect.kind === 'malformed') {
        messages.push(['malformed', spoilFrame(frame.text, effect.form)]);
        if (effect.instead === true) copies = 0;
      }
    }
    for (let n = 0; n < copies; n++) messages.push([frame.kind, frame.text]);
    const send = (): void => messages.forEach(([kind, data]) => this.#send(kind, data));
    if (delayMs === 0) send();
    else setTimeout(send, delayMs).unref();
  }

  #send(kind: FrameKind | 'malformed', data: string | Buffer): void {
    // a delayed message may come after the end
    if (!this.isLive) return;
    const { socket, stats, bufferBytes } = this.#parts;
    if (socket.bufferedAmount > bufferBytes) {
      this.#cutSlowConsumer();
      return;
    }
    this.#cork();
    socket.send(data, { binary: typeof data !== 'string' }, this.#noteProgress);
    stats.recordFrame(kind);
    if (kind !== 'ack') this.noteActivity();
  }

  /** Gathers what is sent in one go into one write. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    const { transport } = this.#parts;
    transport.cork();
    process.nextTick(() => {
      this.#corked = false;
      transport.uncork();
    });
  }

  #cutSlowConsumer(): void {
    this.#parts.stats.recordSlowConsumer();
    this.cut();
  }
}
