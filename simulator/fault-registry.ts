import type { Query } from './envelope.js';
import type { EndpointName, FaultEffect, FaultMatch, FaultRule } from './fault-rule.js';
import { RuleBook, type RuleState } from './rule-book.js';

/** The faults that meet one request. */
export interface FaultHit {
  readonly delayMs: number;
  /** The first effect of another kind than a delay. */
  readonly effect?: Exclude<FaultEffect, { kind: 'delay' }>;
}

/** The faults of REST requests, in the order in which they were added. */
export class FaultRegistry {
  readonly #rules = new RuleBook<FaultRule>();

  /** Adds a fault; returns its id. */
  add(rule: FaultRule): number {
    return this.#rules.add(rule);
  }

  /** Takes a fault back; false when there is none of that id. */
  remove(id: number): boolean {
    return this.#rules.remove(id);
  }

  clear(): void {
    this.#rules.clear();
  }

  list(): RuleState<FaultRule>[] {
    return this.#rules.list();
  }

  /** The faults that meet this request; each of them counts it. */
  meet(endpoint: EndpointName, query: Query): FaultHit | undefined {
    let delayMs = 0;
    let found: FaultHit['effect'];
    let met = false;
    for (const entry of this.#rules.entries) {
      const { effect, match } = entry.rule;
      if (effect.kind !== 'delay' && found !== undefined) continue;
      if (match !== undefined && !matches(match, endpoint, query)) continue;
      if (!this.#rules.strikes(entry)) continue;
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

function matches(match: FaultMatch, endpoint: EndpointName, query: Query): boolean {
  if (match.endpoint !== undefined && match.endpoint !== endpoint) return false;
  if (match.symbol !== undefined && match.symbol !== query.get('symbol')) return false;
  if (match.interval !== undefined && match.interval !== query.get('interval')) return false;
  const start = query.get('start');
  const { startFromMs = -Infinity, startToMs = Infinity } = match;
  if (startFromMs === -Infinity && startToMs === Infinity) return true;
  return start !== null && Number(start) >= startFromMs && Number(start) < startToMs;
}
