import type { SymbolStore } from '../../domain/stores.js';
import type { Venue } from '../../domain/venue.js';

export interface CurrentListingDeps {
  readonly venue: Venue;
  readonly symbols: SymbolStore;
  readonly signal: AbortSignal;
}

/** The pairs that the venue lists now: asked for when first needed, once, and recorded. */
export class CurrentListing {
  readonly #deps: CurrentListingDeps;
  #listed: Promise<ReadonlySet<string>> | undefined;

  constructor(deps: CurrentListingDeps) {
    this.#deps = deps;
  }

  async has(symbol: string): Promise<boolean> {
    this.#listed ??= this.#read();
    try {
      return (await this.#listed).has(symbol);
    } catch (error) {
      this.#listed = undefined;
      throw error;
    }
  }

  async #read(): Promise<ReadonlySet<string>> {
    const { venue, symbols, signal } = this.#deps;
    const instruments = await venue.instruments({ budgetClass: 'upkeep', signal });
    await symbols.refresh(instruments);
    return new Set(instruments.map(({ symbol }) => symbol));
  }
}
