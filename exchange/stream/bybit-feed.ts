import type { FeedStatus, LiveFeed, OpenLiveFeed } from '../../domain/live-feed.js';
import { Connection } from './connection.js';
import type { FeedLog } from './feed-log.js';
import { GatedListener } from './gated-listener.js';
import { streamUrl } from './stream-url.js';
import { STREAM_TIMING, type StreamTiming } from './timing.js';
import { CANARY_NAME, shardTopics, type Topic } from './topics.js';

export interface BybitFeedOptions {
  /** Whole URL of the spot stream, for example `wss://stream.bybit.com/v5/public/spot`. */
  readonly wsUrl: string;
  /** In [0, 1), spreads the attempts to connect again. Default `Math.random`. */
  readonly random?: () => number;
  /** What differs from `STREAM_TIMING`. */
  readonly timing?: Partial<StreamTiming>;
  /** Default: nobody is told; `lost` and the status have the reasons too. */
  readonly log?: FeedLog;
}

const NO_LOG: FeedLog = { warn: () => undefined, error: () => undefined };

/**
 * ByBit's public spot stream.
 *
 * A listener that throws is a fault of the program: it is logged, and the connection whose frame was
 * being told is lost and opened again.
 *
 * @throws WrongUse when `wsUrl` is no ws(s) URL
 */
export function createBybitFeed(options: BybitFeedOptions): OpenLiveFeed {
  const url = streamUrl(options.wsUrl);
  const { random = Math.random, log = NO_LOG } = options;
  const timing = { ...STREAM_TIMING, ...options.timing };
  return (symbols, listener) => {
    const gate = new GatedListener(listener);
    const canaryRefused = onlyOnce(() => log.warn(CANARY_WARNING));
    const shards = shardTopics(symbols);
    const connect = (topics: readonly Topic[], index: number): Connection => {
      const label = `stream connection ${index + 1} of ${shards.length}`;
      const rest = { url, timing, random, log, canaryRefused };
      return new Connection({ ...rest, label, topics, listener: gate });
    };
    return new BybitFeed(shards.map(connect), gate);
  };
}

const CANARY_WARNING =
  `the venue refuses ${CANARY_NAME}, by which a dead link is told from a quiet market; ` +
  'the answers to pings must do instead';

class BybitFeed implements LiveFeed {
  readonly #connections: readonly Connection[];
  readonly #gate: GatedListener;
  #closed: Promise<void> | undefined;

  constructor(connections: readonly Connection[], gate: GatedListener) {
    this.#connections = connections;
    this.#gate = gate;
    for (const connection of connections) connection.open();
  }

  status(): FeedStatus {
    const all = this.#connections;
    return {
      connections: all.map((connection) => connection.status()),
      reconnects: sum(all.map(({ reconnects }) => reconnects)),
      messages: sum(all.map(({ messages }) => messages)),
      malformed: sum(all.map(({ malformed }) => malformed)),
      refusedTopics: all.flatMap((connection) => connection.refusedTopics),
    };
  }

  /** The listener hears nothing more from the call on. */
  close(): Promise<void> {
    this.#gate.shut();
    this.#closed ??= this.#closeAll();
    return this.#closed;
  }

  async #closeAll(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function onlyOnce(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}
