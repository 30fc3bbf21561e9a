import { setTimeout as sleep } from 'node:timers/promises';
import type { TemporalClient } from '../../runtime/temporal.js';
import type { StreamView } from '../render/stream-view.js';
import { awaitEnd } from '../../steering/await-end.js';
import { whyUnanswered } from '../../steering/missing-worker.js';
import { orAborted } from '../../runtime/or-aborted.js';
import { MessageRate } from './message-rate.js';
import { NO_PRICES, type PriceReader, type Prices } from './prices.js';
import { readStanding } from '../../steering/read-standing.js';
import { streamOutcome, type StreamOutcome } from './stream-outcome.js';
import {
  hasBeenLive,
  NOTHING_KNOWN,
  whyUnreachable,
  type StreamStanding,
} from '../../steering/stream-standing.js';

export interface FollowStreamOptions {
  readonly temporal: TemporalClient;
  readonly workflowId: string;
  readonly view: StreamView;
  readonly prices: PriceReader;
  /** Whether it ran before this command came: then a worker is known to have worked on it. */
  readonly joined: boolean;
  /** Stands below the live view. */
  readonly hint: string;
  /** Leaves the stream going on. */
  readonly signal: AbortSignal;
  /** Told all that is heard of the stream. */
  readonly onStanding: (standing: StreamStanding) => void | Promise<void>;
}

/** How the watching of a stream ended. */
export type FollowedStream =
  | StreamOutcome
  /** By the signal: the stream goes on. */
  | { readonly kind: 'left' }
  /** No connection of a stream that did not run before could be opened: it goes on trying. */
  | { readonly kind: 'unreachable'; readonly reason: string };

const LOOK_MS = 1_000;
const DRAW_MS = 500;

/** Shows a stream until it ends, cannot begin, or `signal` aborts. */
export async function followStream(options: FollowStreamOptions): Promise<FollowedStream> {
  const { temporal, workflowId, signal, view } = options;
  const done = new AbortController();
  const watched = AbortSignal.any([done.signal, signal]);
  const watcher = new StreamWatcher(options);
  const looking = watcher.look(watched);
  const drawing = watcher.draw(watched);
  try {
    const ended = awaitEnd(temporal, workflowId, watched);
    const reason = await Promise.race([looking, ended.then(() => undefined)]);
    if (reason !== undefined) return { kind: 'unreachable', reason };
    const end = await ended;
    return end === undefined ? { kind: 'left' } : streamOutcome(end);
  } finally {
    done.abort();
    await Promise.all([looking, drawing]);
    view.end();
  }
}

class StreamWatcher {
  readonly #options: FollowStreamOptions;
  readonly #rate = new MessageRate();
  #standing = NOTHING_KNOWN;
  #prices: Prices = NO_PRICES;
  #messagesPerSecond: number | undefined;
  #notice: string | undefined;
  #answered: boolean;
  #wasLive: boolean;

  constructor(options: FollowStreamOptions) {
    this.#options = options;
    this.#answered = options.joined;
    this.#wasLive = options.joined;
  }

  /** @returns why the stream cannot begin; undefined when `signal` aborted */
  async look(signal: AbortSignal): Promise<string | undefined> {
    const { temporal, workflowId, onStanding, view } = this.#options;
    while (!signal.aborted) {
      const standing = await orAborted(readStanding(temporal, workflowId), signal);
      if (standing === undefined) break;
      await this.#take(standing);
      await onStanding(this.#standing);
      this.#wasLive ||= hasBeenLive(this.#standing);
      const reason = this.#wasLive ? undefined : whyUnreachable(this.#standing);
      if (reason !== undefined) return reason;
      if (!view.showsPrices) this.#show(signal);
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }

  async draw(signal: AbortSignal): Promise<void> {
    const { prices, view } = this.#options;
    while (view.showsPrices && !signal.aborted) {
      const { status } = this.#standing;
      if (status !== undefined) this.#prices = await prices.read(status.symbols);
      this.#show(signal);
      await sleep(DRAW_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #take(standing: StreamStanding): Promise<void> {
    const { temporal, workflowId } = this.#options;
    const { status, answered, activity } = standing;
    // what it follows is still known while no worker is there to ask
    this.#standing = { ...standing, status: status ?? this.#standing.status };
    this.#messagesPerSecond = activity === undefined ? undefined : this.#rate.next(activity);
    this.#notice = answered ? undefined : await whyUnanswered(temporal, workflowId, this.#answered);
    this.#answered ||= answered;
  }

  #show(signal: AbortSignal): void {
    // nothing is drawn any more once the stream has ended
    if (signal.aborted) return;
    const { view, hint } = this.#options;
    const notices = [this.#notice, this.#prices.fault].filter((text) => text !== undefined);
    view.show({
      standing: this.#standing,
      messagesPerSecond: this.#messagesPerSecond,
      tickers: this.#prices.tickers,
      notices,
      nowMs: Date.now(),
      hint,
    });
  }
}
