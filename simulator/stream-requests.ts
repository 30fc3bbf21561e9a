import type { KlineFeed } from './kline-feed.js';
import type { Market } from './market.js';
import type { SliceRunner } from './slice-runner.js';
import type { StreamConnection } from './stream-connection.js';
import type { StreamFaults } from './stream-faults.js';
import {
  parseRequest,
  UndecodableRequest,
  writeReply,
  type StreamReply,
  type StreamRequest,
} from './stream-protocol.js';
import type { StreamStats } from './stream-stats.js';
import { parseTopic, RefusedTopic, type StreamTopic } from './stream-topic.js';
import type { TickerFeed } from './ticker-feed.js';

const MAX_ARGS = 10;
const MAX_ARGS_CHARS = 21_000;

/** What the requests of clients act on. */
export interface RequestParts {
  readonly market: Market;
  readonly faults: StreamFaults;
  readonly stats: StreamStats;
  readonly tickers: TickerFeed;
  readonly klines: KlineFeed;
  readonly slices: SliceRunner;
}

/** Answers the requests of clients: subscribe, unsubscribe, ping. */
export class StreamRequests {
  readonly #parts: RequestParts;
  #snapshots = 0;

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  handle(connection: StreamConnection, text: string): void {
    let request: StreamRequest;
    try {
      request = parseRequest(text);
    } catch (error) {
      if (!(error instanceof UndecodableRequest)) throw error;
      this.#refuse(connection, { op: 'subscribe', reqId: undefined }, error.message);
      return;
    }
    switch (request.op) {
      case 'ping':
        this.#pong(connection, request);
        break;
      case 'subscribe':
        this.#subscribe(connection, request);
        break;
      case 'unsubscribe':
        this.#unsubscribe(connection, request);
        break;
      default:
        this.#refuse(connection, { ...request, op: 'subscribe' }, 'error:invalid op');
    }
  }

  #pong(connection: StreamConnection, { reqId }: StreamRequest): void {
    this.#parts.stats.recordPing('op');
    connection.noteActivity();
    this.#reply(connection, 'pong', { success: true, retMsg: 'pong', op: 'ping', reqId });
  }

  #subscribe(connection: StreamConnection, request: StreamRequest): void {
    const { streamRefusal, streamDataBeforeAck } = this.#parts.market.quirks;
    const { accepted, refusal } = this.#judge(connection, request.args);
    const subscribed = refusal === undefined || streamRefusal === 'partial' ? accepted : [];
    for (const topic of subscribed) connection.add(topic);
    const answer = (): void => {
      const retMsg = refusal ?? 'subscribe';
      this.#acknowledge(connection, request, { success: refusal === undefined, retMsg });
    };
    if (!streamDataBeforeAck) answer();
    this.#parts.slices.run(`snapshot ${this.#snapshots++}`, () =>
      this.#sendSnapshots(connection, subscribed, streamDataBeforeAck ? answer : undefined),
    );
  }

  /** The topics that can be subscribed, and the reason against the first that cannot. */
  #judge(
    connection: StreamConnection,
    args: readonly string[],
  ): { accepted: readonly StreamTopic[]; refusal: string | undefined } {
    const oversize = this.#oversize(connection, args);
    if (oversize !== undefined) return { accepted: [], refusal: oversize };
    const accepted = new Map<string, StreamTopic>();
    let refusal: string | undefined;
    for (const arg of args) {
      try {
        if (connection.has(arg) || accepted.has(arg)) {
          throw new RefusedTopic(`error:already subscribed,topic:${arg}`);
        }
        const topic = parseTopic(this.#parts.market, arg);
        const fault = this.#parts.faults.topicRefusal(connection.id, topic);
        if (fault !== undefined) throw new RefusedTopic(fault);
        accepted.set(arg, topic);
      } catch (error) {
        if (!(error instanceof RefusedTopic)) throw error;
        refusal ??= error.message;
      }
    }
    return { accepted: [...accepted.values()], refusal };
  }

  #oversize(connection: StreamConnection, args: readonly string[]): string | undefined {
    if (args.length > MAX_ARGS) return `args size >${MAX_ARGS}`;
    // with quotes and a comma when they count
    const extra = this.#parts.market.quirks.streamArgsCount === 'json' ? 3 : 0;
    const chars = [...connection.topics(), ...args].reduce(
      (sum, topic) => sum + topic.length + extra,
      0,
    );
    return chars > MAX_ARGS_CHARS ? `error:args length >${MAX_ARGS_CHARS}` : undefined;
  }

  *#sendSnapshots(
    connection: StreamConnection,
    topics: readonly StreamTopic[],
    andThen: (() => void) | undefined,
  ): Generator<void> {
    const { tickers, klines } = this.#parts;
    for (const topic of topics) {
      const frame = topic.kind === 'ticker' ? tickers.now(topic) : klines.open(topic);
      if (frame !== undefined && connection.has(topic.topic)) connection.deliver(frame);
      yield;
    }
    andThen?.();
  }

  #unsubscribe(connection: StreamConnection, request: StreamRequest): void {
    for (const topic of request.args) connection.remove(topic);
    const { streamUnsubscribeMsg } = this.#parts.market.quirks;
    const retMsg = streamUnsubscribeMsg === 'empty' ? '' : 'unsubscribe';
    this.#acknowledge(connection, request, { success: true, retMsg });
  }

  #acknowledge(
    connection: StreamConnection,
    { op, args, reqId }: StreamRequest,
    result: { success: boolean; retMsg: string },
  ): void {
    const logged = reqId === undefined ? { op, args } : { op, args, reqId };
    this.#parts.stats.recordRequest({ connection: connection.id, ...logged, ...result });
    this.#reply(connection, 'ack', { ...result, op, reqId });
  }

  #refuse(
    connection: StreamConnection,
    { op, reqId }: { op: string; reqId: string | undefined },
    retMsg: string,
  ): void {
    this.#reply(connection, 'ack', { success: false, retMsg, op, reqId });
  }

  #reply(connection: StreamConnection, kind: 'ack' | 'pong', reply: StreamReply): void {
    const text = writeReply(reply, connection.id, this.#parts.market.quirks);
    connection.deliver({ kind, text });
  }
}
