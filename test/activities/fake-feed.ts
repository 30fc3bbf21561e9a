import type {
  ConnectionStatus,
  FeedStatus,
  LiveFeed,
  LiveFeedListener,
  OpenLiveFeed,
} from '../../domain/live-feed.js';

/** A feed that tells what the test makes it tell. */
export class FakeFeed implements LiveFeed {
  closed = false;
  /** Replaced in part by a test. */
  now: FeedStatus = {
    connections: [connection('connecting')],
    reconnects: 0,
    messages: 0,
    malformed: 0,
    refusedTopics: [],
  };
  #listener: LiveFeedListener | undefined;

  readonly open: OpenLiveFeed = (_symbols, listener) => {
    this.#listener = listener;
    return this;
  };

  get listener(): LiveFeedListener {
    if (this.#listener === undefined) throw new Error('nobody has opened the feed');
    return this.#listener;
  }

  change(part: Partial<FeedStatus>): void {
    this.now = { ...this.now, ...part };
  }

  status(): FeedStatus {
    return this.now;
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

export function connection(
  state: ConnectionStatus['state'],
  rest: Partial<ConnectionStatus> = {},
): ConnectionStatus {
  return { state, topics: 6, dataAgeMs: undefined, attempts: 1, lastError: undefined, ...rest };
}
