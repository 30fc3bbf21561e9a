import type { ConnectionStatus, LiveFeedListener } from '../../domain/live-feed.js';
import type { Series } from '../../domain/series.js';
import type { FeedLog } from './feed-log.js';
import { FrameReader } from './frame-reader.js';
import { Session, type SessionEvents } from './session.js';
import type { Refusal } from './subscription.js';
import type { StreamTiming } from './timing.js';
import { CANARY_NAME, namesOf, type Topic } from './topics.js';

export interface ConnectionOptions {
  readonly url: string;
  /** For messages, for example `stream connection 1 of 4`. */
  readonly label: string;
  readonly topics: readonly Topic[];
  readonly listener: LiveFeedListener;
  readonly timing: StreamTiming;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: FeedLog;
  readonly canaryRefused: () => void;
}

/**
 * Keeps one set of topics flowing: a socket, and after its end another one by the schedule.
 *
 * The schedule begins anew only once all topics are settled and data has come since. A venue that
 * accepts connections and drops them is thus asked less and less often.
 */
export class Connection implements SessionEvents {
  readonly #options: ConnectionOptions;
  readonly #reader: FrameReader;
  /** Without those that the venue has refused on this socket; a new one asks for all again. */
  #topics: readonly Topic[];
  /** Refusals are told once. */
  readonly #refusalsTold = new Set<string>();
  #session: Session | undefined;
  #waitTimer: NodeJS.Timeout | undefined;
  #live = false;
  #timesLive = 0;
  /** Since data last flowed; the very first attempt has no wait before it. */
  #attempts = 0;
  #waits = 0;
  #lastError: string | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#topics = options.topics;
    this.#reader = new FrameReader(options.topics, options.listener);
  }

  open(): void {
    const { url, timing, topics } = this.#options;
    this.#attempts++;
    this.#topics = topics;
    this.#session = new Session({
      url,
      topics: namesOf(this.#topics),
      reader: this.#reader,
      timing,
      events: this,
    });
  }

  /** Never fails. */
  async close(): Promise<void> {
    clearTimeout(this.#waitTimer);
    await this.#session?.close();
  }

  /** Names of the topics that the venue refuses on this socket. */
  get refusedTopics(): readonly string[] {
    return this.#options.topics
      .filter((topic) => topic.kind !== 'canary' && !this.#topics.includes(topic))
      .map(({ name }) => name);
  }

  get messages(): number {
    return this.#reader.messages;
  }

  get malformed(): number {
    return this.#reader.malformed;
  }

  get reconnects(): number {
    return Math.max(this.#timesLive - 1, 0);
  }

  status(): ConnectionStatus {
    const { lastDataMs } = this.#reader;
    return {
      state: this.#session?.state ?? 'waiting',
      topics: this.#topics.length,
      dataAgeMs: lastDataMs === undefined ? undefined : performance.now() - lastDataMs,
      attempts: this.#attempts,
      lastError: this.#lastError,
    };
  }

  refused(refusals: readonly Refusal[]): void {
    for (const refusal of refusals) this.#giveUp(refusal);
    // It may be the venue's fault and pass, so it is asked again by the schedule.
    if (this.#topics.every(({ kind }) => kind === 'canary')) {
      this.#session?.giveUp('the venue refuses every topic');
    }
  }

  live(venueTimeMs: number): void {
    this.#live = true;
    this.#timesLive++;
    this.#attempts = 0;
    this.#waits = 0;
    this.#options.listener.live(this.#series(), venueTimeMs);
  }

  bug(error: unknown): void {
    this.#options.log.error(`${this.#options.label}: a frame could not be told`, error);
  }

  ended(reason: string): void {
    const { timing, random, log, label } = this.#options;
    this.#session = undefined;
    this.#lastError = reason;
    const waitMs = timing.reconnectWaitMs(++this.#waits, random());
    this.#waitTimer = setTimeout(() => this.open(), waitMs);
    log.warn(`${label}: ${reason}; next attempt in ${(waitMs / 1000).toFixed(1)} s`);
    if (this.#live) this.#tellLost(reason);
  }

  #giveUp({ topic: name, reason }: Refusal): void {
    const topic = this.#topics.find((each) => each.name === name);
    this.#topics = this.#topics.filter((each) => each !== topic);
    if (this.#refusalsTold.has(name)) return;
    this.#refusalsTold.add(name);
    if (name === CANARY_NAME) this.#options.canaryRefused();
    if (topic?.kind !== 'canary') this.#options.listener.refused(name, reason);
  }

  #tellLost(reason: string): void {
    this.#live = false;
    try {
      this.#options.listener.lost(this.#series(), reason);
    } catch (error) {
      this.#options.log.error(`${this.#options.label}: the loss could not be told`, error);
    }
  }

  #series(): readonly Series[] {
    return this.#topics.flatMap((topic) => (topic.kind === 'kline' ? [topic.series] : []));
  }
}
