import { SeededSequence } from './hash.js';

/** How often a rule strikes. */
export interface CountedRule {
  /** How many times; default always. */
  readonly times?: number;
  /** How many matching occasions pass first; default 0. */
  readonly after?: number;
  /** Chance of each matching occasion, 0..1; default 1. */
  readonly probability?: number;
  /** Seed of that chance; default 1. */
  readonly seed?: number;
}

/** A rule with how far it has come. */
export interface RuleState<R> {
  readonly id: number;
  readonly rule: R;
  /** Occasions that matched. */
  readonly matched: number;
  /** Occasions on which it struck. */
  readonly hits: number;
}

/** A rule in force. */
export interface RuleEntry<R> {
  readonly id: number;
  readonly rule: R;
  readonly chance: SeededSequence;
  matched: number;
  hits: number;
}

/** Rules on demand, in the order in which they were added. */
export class RuleBook<R extends CountedRule> {
  #entries: RuleEntry<R>[] = [];
  #nextId = 1;

  get entries(): readonly RuleEntry<R>[] {
    return this.#entries;
  }

  /** Adds a rule; returns its id. */
  add(rule: R): number {
    const chance = new SeededSequence();
    chance.reseed(rule.seed ?? 1);
    const id = this.#nextId++;
    this.#entries.push({ id, rule, chance, matched: 0, hits: 0 });
    return id;
  }

  /** Takes a rule back; false when there is none of that id. */
  remove(id: number): boolean {
    const before = this.#entries.length;
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
    return this.#entries.length < before;
  }

  clear(): void {
    this.#entries = [];
  }

  list(): RuleState<R>[] {
    return this.#entries.map(({ id, rule, matched, hits }) => ({ id, rule, matched, hits }));
  }

  /** Counts an occasion that matched a rule; whether the rule strikes. */
  strikes(entry: RuleEntry<R>): boolean {
    const { after = 0, times = Infinity, probability = 1 } = entry.rule;
    entry.matched++;
    if (entry.matched <= after || entry.hits >= times) return false;
    if (probability < 1 && entry.chance.next() >= probability) return false;
    entry.hits++;
    return true;
  }
}
