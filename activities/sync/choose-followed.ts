import { topByTurnover } from '../../domain/instrument.js';
import type { SyncSet } from '../../domain/sync.js';
import type { RequestOptions } from '../../domain/venue.js';
import { refreshSymbols, type ChooseDeps } from '../choose-symbols.js';

/** The pairs of a set at this moment. */
export interface ChosenSet {
  /** In order of name. */
  readonly symbols: readonly string[];
  /** Named pairs that the venue does not list now. */
  readonly unlisted: readonly string[];
  /** The venue's clock, ms. */
  readonly venueTimeMs: number;
  /** Requests that the choice took. */
  readonly requests: number;
}

/** Asks the venue for its time and its listing, and stores the listing. @throws RetrySoon */
export async function chooseFollowed(
  deps: ChooseDeps,
  { pairs }: Pick<SyncSet, 'pairs'>,
  options: RequestOptions,
): Promise<ChosenSet> {
  const [venueTimeMs, { instruments, turnovers }] = await Promise.all([
    deps.venue.serverTimeMs(options),
    refreshSymbols(deps, options),
  ]);
  const listed = new Set(instruments.map(({ symbol }) => symbol));
  const wanted =
    pairs.kind === 'top' ? topByTurnover(instruments, turnovers, pairs.count) : pairs.symbols;
  return {
    symbols: wanted.filter((symbol) => listed.has(symbol)).sort(),
    unlisted: wanted.filter((symbol) => !listed.has(symbol)),
    venueTimeMs,
    requests: 3,
  };
}
