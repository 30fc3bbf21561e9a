import {
  freshnessBoundMs,
  seriesBehind,
  type FreshnessReport,
  type FreshnessStore,
} from '../../domain/freshness.js';
import type { StreamFigures } from '../../domain/stream.js';
import type { Venue } from '../../domain/venue.js';

export interface CheckDeps {
  readonly venue: Pick<Venue, 'serverTimeMs'>;
  readonly freshness: FreshnessStore;
  readonly sourceLabel: string;
  /** Local clock, ms since 1970. */
  readonly nowMs: () => number;
}

/** The report of a check that found nothing. */
export const nothingFound = ({ sourceLabel }: CheckDeps): FreshnessReport => ({
  source: sourceLabel,
  series: 0,
  behind: [],
  streamSilentSinceMs: undefined,
  unreadable: undefined,
});

/**
 * Compares the newest candle of every followed series with the venue's clock, asked once.
 *
 * @param stream what the stream says of itself; undefined: none runs
 */
export async function check(
  deps: CheckDeps,
  stream: StreamFigures | undefined,
  signal: AbortSignal,
): Promise<FreshnessReport> {
  const followed = await deps.freshness.followedSeries();
  if (followed.length === 0) return nothingFound(deps);
  const venueTimeMs = await deps.venue.serverTimeMs({ budgetClass: 'upkeep', signal });
  return {
    ...nothingFound(deps),
    series: followed.length,
    behind: seriesBehind(followed, venueTimeMs, deps.nowMs()),
    streamSilentSinceMs: await silentSinceMs(deps, stream, venueTimeMs),
  };
}

/**
 * A stream that says it is live must have brought a 5m candle lately, although a sync beside it may
 * hide that it has not.
 */
async function silentSinceMs(
  { freshness, nowMs }: CheckDeps,
  stream: StreamFigures | undefined,
  venueTimeMs: number,
): Promise<number | undefined> {
  const boundMs = freshnessBoundMs('5m');
  if (stream?.state !== 'live' || nowMs() - stream.sinceMs <= boundMs) return undefined;
  const newestMs = (await freshness.newestFromStreamMs()) ?? 0;
  return venueTimeMs - newestMs > boundMs ? newestMs : undefined;
}
