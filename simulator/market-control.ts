import type { FaultRegistry } from './fault-registry.js';
import type { ListingChange, Market } from './market.js';
import type { PageCache } from './page-cache.js';
import { checkQuirks, type Quirks } from './quirks.js';
import type { RateLimit } from './rate-limit.js';
import type { RequestStats } from './request-stats.js';
import type { StreamFaults } from './stream-faults.js';
import type { StreamStats } from './stream-stats.js';

export const RESETTABLE_PARTS = ['faults', 'stats', 'limit', 'symbols'] as const;
export type ResettablePart = (typeof RESETTABLE_PARTS)[number];

/** What a change of the market acts on. */
export interface ControlledParts {
  readonly market: Market;
  readonly cache: PageCache | undefined;
  readonly faults: FaultRegistry;
  readonly stats: RequestStats;
  readonly limit: RateLimit;
  readonly stream: {
    readonly faults: StreamFaults;
    readonly stats: StreamStats;
    /** Called after every change of the clock. */
    readonly onClock: () => void;
  };
}

/** Changes the market while it runs, and forgets the finished pages that the change makes wrong. */
export class MarketControl {
  readonly #parts: ControlledParts;

  constructor(parts: ControlledParts) {
    this.#parts = parts;
  }

  /** Changes some of the unsettled behaviours. Thrown when a name or value is wrong. */
  setQuirks(change: Readonly<Record<string, unknown>> | Partial<Quirks>): void {
    Object.assign(this.#parts.market.quirks, checkQuirks(change));
    this.#parts.cache?.clear();
  }

  /**
   * Sets when a symbol's candles exist; an unknown symbol is added as a synthetic pair, listed now
   * unless `listedMs` says otherwise. Thrown when its quote coin is unknown.
   */
  changeSymbol(symbol: string, change: ListingChange): void {
    if (this.#parts.market.find(symbol) === undefined) {
      this.#parts.market.addNamed(symbol, change.listedMs ?? this.#parts.market.clock.nowMs());
    }
    this.#parts.market.changeListing(symbol, change);
  }

  /** Sets the market's time (ms), its speed (0 stops it), or both. */
  setClock(change: { nowMs?: number; speed?: number }): void {
    if (change.nowMs !== undefined && !Number.isFinite(change.nowMs)) {
      throw new Error('the clock needs a finite time');
    }
    if (change.speed !== undefined && !(change.speed >= 0)) {
      throw new Error('the speed must be 0 or more');
    }
    this.#parts.market.clock.set(change);
    this.#parts.stream.onClock();
  }

  reset(what: readonly ResettablePart[] = ['faults', 'stats', 'limit']): void {
    const { faults, stats, limit, market, stream } = this.#parts;
    if (what.includes('faults')) for (const part of [faults, stream.faults]) part.clear();
    if (what.includes('stats')) for (const part of [stats, stream.stats]) part.reset();
    if (what.includes('limit')) limit.reset();
    if (what.includes('symbols')) market.resetListings();
  }
}
