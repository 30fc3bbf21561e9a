import { RuleBook, type RuleState } from './rule-book.js';
import type { StreamFaultMatch, StreamFaultRule, StreamFaultEffect } from './stream-fault-rule.js';
import type { FrameSubject, StreamFrame } from './stream-frame.js';

/** How a connection is refused: HTTP 503, or the socket is cut. */
export const REFUSAL_FORMS = ['status503', 'destroy'] as const;
export type RefusalForm = (typeof REFUSAL_FORMS)[number];

/** What stands against new connections; times in ms of real time. */
interface Ban<Form> {
  readonly untilMs: number;
  readonly form: Form;
}

/** The faults of the stream: rules for single messages and topics, and states of new connections. */
export class StreamFaults {
  readonly #rules = new RuleBook<StreamFaultRule>();
  readonly #realNowMs: () => number;
  #refusal: Ban<RefusalForm> | undefined;
  #silence: Ban<'silent'> | undefined;

  constructor(realNowMs: () => number) {
    this.#realNowMs = realNowMs;
  }

  /** Adds a fault; returns its id. */
  add(rule: StreamFaultRule): number {
    return this.#rules.add(rule);
  }

  /** Takes a fault back; false when there is none of that id. */
  remove(id: number): boolean {
    return this.#rules.remove(id);
  }

  list(): RuleState<StreamFaultRule>[] {
    return this.#rules.list();
  }

  /** Refuses new connections for so long (ms of real time); default until they are accepted. */
  refuseConnections(forMs = Infinity, form: RefusalForm = 'status503'): void {
    this.#refusal = { untilMs: this.#realNowMs() + forMs, form };
  }

  /** Lets new connections in that are then silent, for so long; default until they are accepted. */
  silenceConnections(forMs = Infinity): void {
    this.#silence = { untilMs: this.#realNowMs() + forMs, form: 'silent' };
  }

  /** Neither refuses nor silences new connections any more; silent ones stay silent. */
  acceptConnections(): void {
    this.#refusal = undefined;
    this.#silence = undefined;
  }

  /** Takes back every rule and accepts new connections. */
  clear(): void {
    this.#rules.clear();
    this.acceptConnections();
  }

  /** How a connection that comes now is refused; undefined when it is not. */
  refusal(): RefusalForm | undefined {
    return this.#inForce(this.#refusal);
  }

  /** Whether a connection that comes now is silent. */
  silencesNew(): boolean {
    return this.#inForce(this.#silence) !== undefined;
  }

  /** The effects on this message; each rule that matches counts it. */
  meet(connection: string, frame: StreamFrame): readonly StreamFaultEffect[] {
    const found: StreamFaultEffect[] = [];
    for (const entry of this.#rules.entries) {
      const { effect, match } = entry.rule;
      if (effect.kind === 'refuse') continue;
      if (match?.frames !== undefined && match.frames !== frame.kind) continue;
      if (!matches(match, connection, frame.subject)) continue;
      if (this.#rules.strikes(entry)) found.push(effect);
    }
    return found;
  }

  /** The ret_msg with which the topic is refused; undefined when it is not. */
  topicRefusal(connection: string, subject: FrameSubject): string | undefined {
    for (const entry of this.#rules.entries) {
      const { effect, match } = entry.rule;
      if (effect.kind !== 'refuse' || !matches(match, connection, subject)) continue;
      if (!this.#rules.strikes(entry)) continue;
      return effect.retMsg ?? `error:handler not found,topic:${subject.topic}`;
    }
    return undefined;
  }

  #inForce<Form>(ban: Ban<Form> | undefined): Form | undefined {
    return ban !== undefined && this.#realNowMs() < ban.untilMs ? ban.form : undefined;
  }
}

function matches(
  match: StreamFaultMatch | undefined,
  connection: string,
  subject: FrameSubject | undefined,
): boolean {
  if (match === undefined) return true;
  if (match.connection !== undefined && match.connection !== connection) return false;
  if (match.topic !== undefined && match.topic !== subject?.topic) return false;
  return match.symbol === undefined || match.symbol === subject?.symbol;
}
