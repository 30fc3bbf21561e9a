import { setMaxListeners } from 'node:events';
import type { BudgetSlot, RequestBudget } from '../domain/budget.js';
import { RetrySoon, WaitUntil, reasonOf } from '../domain/failure.js';
import type { RequestOptions } from '../domain/venue.js';
import type { CcxtSession } from './ccxt-session.js';
import type { Result } from './envelope.js';
import { excerptOf } from './excerpt.js';
import { NoAnswer, type HttpAnswer } from './http-transport.js';
import { InFlightPlaces } from './in-flight.js';
import type { Subject } from './refusal.js';
import { resultOf } from './result.js';

/** One question to the venue. */
export interface Question extends Subject {
  send(session: CcxtSession): Promise<HttpAnswer>;
}

export interface RequesterOptions {
  readonly session: Promise<CcxtSession>;
  readonly budget: RequestBudget;
  readonly banWaitMs: number;
  readonly maxInFlight: number;
  readonly now: () => number;
}

/** The one place where requests are sent and answers are judged. */
export class Requester {
  readonly #options: RequesterOptions;
  readonly #places: InFlightPlaces;
  readonly #underWay = new Set<Promise<Result>>();

  constructor(options: RequesterOptions) {
    this.#options = options;
    this.#places = new InFlightPlaces(options.maxInFlight);
  }

  /**
   * Sends one request when the budget allows and gives back its good answer.
   *
   * An abort ends the caller's wait only. The venue counts a request that is on its way, so its slot
   * stays taken until its answer or its timeout, as it would without the abort.
   *
   * @throws RetrySoon, WaitUntil, GiveUpSymbol, GiveUpRun, or the signal's reason
   */
  async ask(question: Question, { budgetClass, signal }: RequestOptions): Promise<Result> {
    // Requests under way together may share a signal: more than ten listeners are no leak here.
    if (signal !== undefined) setMaxListeners(0, signal);
    const session = await this.#options.session;
    // A place first: a slot granted while all places are taken would be held unused.
    const leavePlace = await this.#places.take(budgetClass, signal);
    let slot: BudgetSlot;
    try {
      slot = await this.#options.budget.take(budgetClass, signal);
    } catch (error) {
      leavePlace();
      throw error;
    }
    if (signal?.aborted) {
      slot.settle();
      leavePlace();
      throw signal.reason;
    }
    const answered = this.#send(session, question, () => {
      slot.settle();
      leavePlace();
    });
    this.#underWay.add(answered);
    const forget = (): void => void this.#underWay.delete(answered);
    answered.then(forget, forget);
    return unlessAborted(answered, signal);
  }

  /** Resolves when no request is under way. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  async #send(session: CcxtSession, question: Question, settle: () => void): Promise<Result> {
    let answer: HttpAnswer;
    try {
      answer = await question.send(session);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      const reason = excerptOf(error.message);
      throw new RetrySoon(`no answer from ByBit for ${question.label}: ${reason}`, {
        cause: error,
      });
    } finally {
      settle();
    }
    return this.#judge(answer, question);
  }

  async #judge(answer: HttpAnswer, subject: Question): Promise<Result> {
    const { now, banWaitMs } = this.#options;
    try {
      return resultOf(answer, { subject, nowMs: now(), banWaitMs });
    } catch (error) {
      if (error instanceof WaitUntil && error.ban) await this.#recordBan(error);
      throw error;
    }
  }

  /** A ban counts also when it cannot be recorded, so that failure must not replace it. */
  async #recordBan(ban: WaitUntil): Promise<void> {
    try {
      await this.#options.budget.ban(ban.untilMs);
    } catch (error) {
      const message = `${ban.message}; it could not be recorded: ${reasonOf(error)}`;
      throw new WaitUntil(message, ban.untilMs, true);
    }
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    work
      .finally(() => {
        signal.removeEventListener('abort', onAbort);
      })
      .then(resolve, reject);
  });
}
