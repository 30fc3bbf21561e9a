import type { Query } from './envelope.js';
import type { EndpointName, FaultEffect, FaultMatch, FaultRule } from './fault-rule.js';
import { SeededSequence } from './hash.js';

/** The faults that meet one request. */
export interface FaultHit {
  readonly delayMs: number;
  /** The first effect of another kind than a delay. */
  readonly effect?: Exclude<FaultEffect, { kind: 'delay' }>;
}

/** A rule with how far it has come. */
export interface FaultState {
  readonly id: number;
  readonly rule: FaultRule;
  /** Requests that matched. */
  readonly matched: number;
  /** Requests that it met. */
  readonly hits: number;
}

interface Entry {
  readonly id: number;
  readonly rule: FaultRule;
  readonly chance: SeededSequence;
  matched: number;
  hits: number;
}

/** The faults on demand, in the order in which they were added. */
export class FaultRegistry {
  #entries: Entry[] = [];
  #nextId = 1;

  /** Adds a fault; returns its id. */
  add(rule: FaultRule): number {
    const chance = new SeededSequence();
    chance.reseed(rule.seed ?? 1);
    const id = this.#nextId++;
    this.#entries.push({ id, rule, chance, matched: 0, hits: 0 });
    return id;
  }

  /** Takes a fault back; false when there is none of that id. */
  remove(id: number): boolean {
    const before = this.#entries.length;
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
    return this.#entries.length < before;
  }

  clear(): void {
    this.#entries = [];
  }

  list(): FaultState[] {
    return this.#entries.map(({ id, rule, matched, hits }) => ({ id, rule, matched, hits }));
  }

  /** The faults that meet this request; each of them counts it. */
  meet(endpoint: EndpointName, query: Query): FaultHit | undefined {
    let delayMs = 0;
    let found: FaultHit['effect'];
    let met = false;
    for (const entry of this.#entries) {
      const { effect } = entry.rule;
      if (effect.kind !== 'delay' && found !== undefined) continue;
      if (!applies(entry, endpoint, query)) continue;
      met = true;
      if (effect.kind === 'delay') {
        delayMs += effect.delayMs + entry.chance.next() * (effect.jitterMs ?? 0);
      } else {
        found = effect;
      }
    }
    if (!met) return undefined;
    return found === undefined ? { delayMs } : { delayMs, effect: found };
  }
}

function applies(entry: Entry, endpoint: EndpointName, query: Query): boolean {
  const { match, after = 0, times = Infinity, probability = 1 } = entry.rule;
  if (match !== undefined && !matches(match, endpoint, query)) return false;
  entry.matched++;
  if (entry.matched <= after || entry.hits >= times) return false;
  if (probability < 1 && entry.chance.next() >= probability) return false;
  entry.hits++;
  return true;
}

function matches(match: FaultMatch, endpoint: EndpointName, query: Query): boolean {
  if (match.endpoint !== undefined && match.endpoint !== endpoint) return false;
  if (match.symbol !== undefined && match.symbol !== query.get('symbol')) return false;
  if (match.interval !== undefined && match.interval !== query.get('interval')) return false;
  const start = query.get('start');
  const { startFromMs = -Infinity, startToMs = Infinity } = match;
  if (startFromMs === -Infinity && startToMs === Infinity) return true;
  return start !== null && Number(start) >= startFromMs && Number(start) < startToMs;
}
