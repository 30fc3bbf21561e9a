import type { BackfillRequest } from '../domain/backfill.js';
import { RetrySoon, WrongUse } from '../domain/failure.js';
import { nearestSymbols, topByTurnover } from '../domain/instrument.js';
import type { SymbolStore } from '../domain/stores.js';
import type { RequestOptions, Venue } from '../domain/venue.js';

export interface ChooseDeps {
  readonly venue: Venue;
  readonly symbols: SymbolStore;
}

export interface ChosenSymbols {
  readonly symbols: readonly string[];
  /** Requests that the choice took. */
  readonly requests: number;
}

/**
 * The pairs that were asked for. The top is asked of the venue; names are asked of it only when one
 * of them is not known to trade.
 *
 * @throws WrongUse for names that the venue does not list, with the nearest ones
 */
export async function choosePairs(
  deps: ChooseDeps,
  pairs: BackfillRequest['pairs'],
  options: RequestOptions,
): Promise<ChosenSymbols> {
  if (pairs.kind === 'top') {
    const { instruments, turnovers } = await refreshSymbols(deps, options);
    return { symbols: topByTurnover(instruments, turnovers, pairs.count), requests: 2 };
  }
  const active = new Set(await deps.symbols.activeSymbols());
  if (pairs.symbols.every((symbol) => active.has(symbol))) {
    return { symbols: pairs.symbols, requests: 0 };
  }
  await refreshSymbols(deps, options);
  // one that was delisted has a past, which may be stored and of which the venue may tell
  refuseUnknown(pairs.symbols, await deps.symbols.everListed());
  return { symbols: pairs.symbols, requests: 2 };
}

/** Pairs of one list that may be missing from the other: they are two answers of a moving market. */
const LISTS_MAY_DIFFER_BY = 0.1;

/**
 * Reads the listing and the tickers and stores the listing.
 *
 * @throws RetrySoon when the two disagree: one of them is cut short, and a short listing would make
 * pairs inactive that still trade
 */
export async function refreshSymbols(deps: ChooseDeps, options: RequestOptions) {
  const [instruments, turnovers] = await Promise.all([
    deps.venue.instruments(options),
    deps.venue.turnovers(options),
  ]);
  const listed = new Set(instruments.map(({ symbol }) => symbol));
  const ticking = new Set(turnovers.map(({ symbol }) => symbol));
  const apart =
    [...listed].filter((symbol) => !ticking.has(symbol)).length +
    [...ticking].filter((symbol) => !listed.has(symbol)).length;
  if (apart > LISTS_MAY_DIFFER_BY * Math.max(listed.size, ticking.size)) {
    throw new RetrySoon(
      `ByBit lists ${listed.size} pairs and gives tickers of ${ticking.size}, ${apart} of them ` +
        'in one list only: one of the answers is cut short',
    );
  }
  await deps.symbols.refresh(instruments);
  return { instruments, turnovers };
}

function refuseUnknown(asked: readonly string[], listed: readonly string[]): void {
  const known = new Set(listed);
  const unknown = asked.filter((symbol) => !known.has(symbol));
  if (unknown.length === 0) return;
  const hints = unknown.map(
    (symbol) => `${symbol} (nearest: ${nearestSymbols(symbol, listed).join(', ')})`,
  );
  throw new WrongUse(`ByBit spot does not list ${hints.join('; ')}`);
}
