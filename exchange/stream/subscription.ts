import { excerptOf } from '../excerpt.js';
import type { Reply } from './parse-frame.js';
import { batchesOf } from './topics.js';

/** Most requests that wait for their answer at once. */
export const MAX_UNANSWERED = 10;

export interface SubscribeRequest {
  /** Not used before on this connection. */
  readonly id: string;
  readonly topics: readonly string[];
}

export interface Refusal {
  readonly topic: string;
  /** One line. */
  readonly reason: string;
}

interface Sent {
  readonly topics: readonly string[];
  readonly sentAtMs: number;
}

/**
 * What is still to be subscribed to on one connection.
 *
 * The venue is taken to refuse a request as a whole, and to name one topic that it does not like. That
 * topic is left out and the others are asked for again; when none is named, the request is halved. If
 * the venue did take the others, it says that they are subscribed already, which is as good as yes.
 * Every answer settles a topic or halves a request, so it ends.
 */
export class Subscription {
  readonly #unsent: (readonly string[])[];
  /** In the order of sending. */
  readonly #unanswered = new Map<string, Sent>();
  /** Topics that were refused alone but not by name, as long as nothing has been accepted. */
  #doubted: readonly Refusal[] = [];
  #anyAccepted = false;
  #lastId = 0;

  constructor(topics: readonly string[]) {
    this.#unsent = [...batchesOf(topics)];
  }

  /**
   * Takes the next request that may be sent now, which from then on waits for its answer.
   *
   * @param nowMs by a steady clock
   */
  next(nowMs: number): SubscribeRequest | undefined {
    if (this.#unanswered.size >= MAX_UNANSWERED) return undefined;
    const topics = this.#unsent.shift();
    if (topics === undefined) return undefined;
    const id = String(++this.#lastId);
    this.#unanswered.set(id, { topics, sentAtMs: nowMs });
    return { id, topics };
  }

  /** Takes an answer of the venue. @returns the topics that it refuses for good */
  answer(reply: Reply): readonly Refusal[] {
    const topics = this.#answeredBy(reply.requestId);
    if (topics === undefined) return [];
    const already = /already subscribed/i.test(reply.text);
    const named = reply.success ? topics : namedIn(reply.text, topics);
    if (named.length === 0 && topics.length > 1) {
      const half = topics.length >> 1;
      this.#unsent.unshift(topics.slice(0, half), topics.slice(half));
      return [];
    }
    const others = topics.filter((topic) => !named.includes(topic));
    if (named.length > 0 && others.length > 0) this.#unsent.unshift(others);
    if (reply.success || already) {
      this.#anyAccepted = true;
      return this.#confirmDoubted();
    }
    const reason = excerptOf(reply.text) || 'refused without a reason';
    if (named.length > 0) return named.map((topic) => ({ topic, reason }));
    this.#doubted = [...this.#doubted, ...topics.map((topic) => ({ topic, reason }))];
    return this.#confirmDoubted();
  }

  /** Every topic is accepted or refused. */
  get complete(): boolean {
    return this.#allAnswered && this.#doubted.length === 0;
  }

  /**
   * Set when the venue has refused everything without naming a topic: then it is the venue that fails,
   * and no topic may be given up for it. One line.
   */
  get failure(): string | undefined {
    return this.#allAnswered ? this.#doubted[0]?.reason : undefined;
  }

  /** When the oldest request was sent that waits for its answer; undefined: none does. */
  get unansweredSinceMs(): number | undefined {
    for (const { sentAtMs } of this.#unanswered.values()) return sentAtMs;
    return undefined;
  }

  get #allAnswered(): boolean {
    return this.#unsent.length === 0 && this.#unanswered.size === 0;
  }

  /** The venue may leave the id out; it answers in order. */
  #answeredBy(requestId: string): readonly string[] | undefined {
    const id = requestId === '' ? this.#unanswered.keys().next().value : requestId;
    const sent = id === undefined ? undefined : this.#unanswered.get(id);
    if (id !== undefined) this.#unanswered.delete(id);
    return sent?.topics;
  }

  #confirmDoubted(): readonly Refusal[] {
    if (!this.#anyAccepted) return [];
    const confirmed = this.#doubted;
    this.#doubted = [];
    return confirmed;
  }
}

/**
 * Topics that a refusal names: `Invalid symbol :[tickers.NOPEUSDT]` or
 * `error:handler not found,topic:tickers.NOPEUSDT`.
 */
function namedIn(text: string, topics: readonly string[]): readonly string[] {
  const words = new Set(text.split(/[\s,:;[\]"']+/));
  return topics.filter((topic) => words.has(topic));
}
