import type { FaultRegistry } from './fault-registry.js';
import type { ListingChange, Market } from './market.js';
import type { PageCache } from './page-cache.js';
import { checkQuirks, type Quirks } from './quirks.js';
import type { RateLimit } from './rate-limit.js';
import type { RequestStats } from './request-stats.js';

export const RESETTABLE_PARTS = ['faults', 'stats', 'limit', 'symbols'] as const;
export type ResettablePart = (typeof RESETTABLE_PARTS)[number];

/** Changes the market while it runs, and forgets the finished pages that the change makes wrong. */
export class MarketControl {
  readonly #market: Market;
  readonly #cache: PageCache | undefined;
  readonly #faults: FaultRegistry;
  readonly #stats: RequestStats;
  readonly #limit: RateLimit;

  constructor(parts: {
    market: Market;
    cache: PageCache | undefined;
    faults: FaultRegistry;
    stats: RequestStats;
    limit: RateLimit;
  }) {
    this.#market = parts.market;
    this.#cache = parts.cache;
    this.#faults = parts.faults;
    this.#stats = parts.stats;
    this.#limit = parts.limit;
  }

  /** Changes some of the unsettled behaviours. Thrown when a name or value is wrong. */
  setQuirks(change: Readonly<Record<string, unknown>> | Partial<Quirks>): void {
    Object.assign(this.#market.quirks, checkQuirks(change));
    this.#cache?.clear();
  }

  /**
   * Sets when a symbol's candles exist; an unknown symbol is added as a synthetic pair, listed now
   * unless `listedMs` says otherwise. Thrown when its quote coin is unknown.
   */
  changeSymbol(symbol: string, change: ListingChange): void {
    if (this.#market.find(symbol) === undefined) {
      this.#market.addNamed(symbol, change.listedMs ?? this.#market.clock.nowMs());
    }
    this.#market.changeListing(symbol, change);
  }

  /** Sets the market's time (ms), its speed (0 stops it), or both. */
  setClock(change: { nowMs?: number; speed?: number }): void {
    if (change.nowMs !== undefined && !Number.isFinite(change.nowMs)) {
      throw new Error('the clock needs a finite time');
    }
    if (change.speed !== undefined && !(change.speed >= 0)) {
      throw new Error('the speed must be 0 or more');
    }
    this.#market.clock.set(change);
  }

  reset(what: readonly ResettablePart[] = ['faults', 'stats', 'limit']): void {
    if (what.includes('faults')) this.#faults.clear();
    if (what.includes('stats')) this.#stats.reset();
    if (what.includes('limit')) this.#limit.reset();
    if (what.includes('symbols')) this.#market.resetListings();
  }
}
