import {
  agreedDifferences,
  compareCandles,
  type Difference,
} from '../../domain/compare-candles.js';
import { GiveUpSymbol, reasonOf, RetrySoon } from '../../domain/failure.js';
import { closedUntilMs } from '../../domain/settle.js';
import { pickSeries, pickWindow, randomFrom } from '../../domain/stretches.js';
import { AMENDABLE_CANDLES } from '../../domain/sync.js';
import { timeframeMs } from '../../domain/timeframe.js';
import type { Venue } from '../../domain/venue.js';
import {
  differingValues,
  MAX_DIFFERENCES,
  valuesText,
  type StoredStretches,
  type Stretch,
  type VenueCheckRequest,
  type VenueCheckResult,
  type Violation,
} from '../../domain/verify.js';
import { askPage } from '../ask-page.js';
import { API_FAILURES_TO_GIVE_UP, apiFailure } from '../failures.js';

/** How far an attempt is: what the next one goes on from. */
export interface CompareCursor {
  /** Stretches of the sample that are done. */
  readonly done: number;
  /** Failures of the next one so far. */
  readonly failures: number;
  readonly result: VenueCheckResult;
}

export const FRESH_COMPARISON: CompareCursor = {
  done: 0,
  failures: 0,
  result: {
    ...{ stretches: 0, candles: 0, requests: 0, different: 0, amended: 0 },
    ...{ differences: [], unanswered: [] },
  },
};

export interface CompareDeps {
  readonly venue: Venue;
  readonly stored: StoredStretches;
  readonly signal: AbortSignal;
  readonly onProgress: (cursor: CompareCursor) => void;
}

/** Asks for a random sample of what is stored and compares, one stretch after the other. */
export async function compareStretches(
  deps: CompareDeps,
  request: VenueCheckRequest,
  cursor: CompareCursor,
): Promise<VenueCheckResult> {
  const random = randomFrom(request.seed);
  const series = pickSeries(await deps.stored.series(request), request.stretches, random);
  let { done, failures, result } = cursor;
  for (const [i, one] of series.entries()) {
    // drawn for the stretches that are done as well, so that the sample stays the same
    const draw = randomFrom(Math.floor(random() * 2 ** 32));
    if (i < done) continue;
    deps.signal.throwIfAborted();
    const window = pickWindow(one, await deps.stored.spans(one), draw);
    try {
      if (window !== undefined) result = await withStretch(deps, { series: one, window }, result);
    } catch (error) {
      failures++;
      if (!mayBeSkipped(error, failures)) {
        deps.onProgress({ done, failures, result });
        throw error instanceof RetrySoon ? apiFailure(error.message, failures) : error;
      }
      const unanswered = [...result.unanswered, { ...one, reason: reasonOf(error) }];
      result = { ...result, unanswered };
    }
    failures = 0;
    done = i + 1;
    deps.onProgress({ done, failures, result });
  }
  return result;
}

async function withStretch(
  deps: CompareDeps,
  stretch: Stretch,
  result: VenueCheckResult,
): Promise<VenueCheckResult> {
  const { candles, requests, differences, closedMs } = await compare(deps, stretch);
  const settledMs = closedMs - AMENDABLE_CANDLES * timeframeMs(stretch.series.timeframe);
  const wrong = differences.filter(({ timeMs }) => timeMs < settledMs);
  const added = wrong.map((one) => violationOf(stretch, one)).filter(isNewIn(result));
  return {
    ...result,
    stretches: result.stretches + 1,
    candles: result.candles + candles,
    requests: result.requests + requests,
    different: result.different + added.length,
    differences: [...result.differences, ...added].slice(0, MAX_DIFFERENCES),
    amended: result.amended + differences.length - wrong.length,
  };
}

/** Stretches of a short series overlap. */
function isNewIn({ differences }: VenueCheckResult): (one: Violation) => boolean {
  const keyOf = ({ symbol, timeframe, period }: Violation): string =>
    `${symbol} ${timeframe} ${period.fromMs}`;
  const known = new Set(differences.map(keyOf));
  return (one) => !known.has(keyOf(one));
}

/** Whether the comparison goes on without this stretch. */
function mayBeSkipped(error: unknown, failures: number): boolean {
  if (error instanceof GiveUpSymbol) return true;
  return error instanceof RetrySoon && failures >= API_FAILURES_TO_GIVE_UP;
}

/** A difference counts when the exchange says the same twice: one of its replicas may lag. */
async function compare(deps: CompareDeps, stretch: Stretch) {
  const first = await compareOnce(deps, stretch);
  if (first.differences.length === 0) return first;
  const second = await compareOnce(deps, stretch);
  return {
    ...second,
    requests: first.requests + second.requests,
    differences: agreedDifferences(first.differences, second.differences),
  };
}

async function compareOnce({ venue, stored, signal }: CompareDeps, stretch: Stretch) {
  const { series, window } = stretch;
  const options = { budgetClass: 'backfill', signal } as const;
  const { page, requests } = await askPage(venue, series, window, options);
  // read after the answer, so that what was corrected meanwhile is no difference
  const candles = await stored.candles(stretch);
  const closedMs = closedUntilMs(series.timeframe, page.venueTimeMs);
  const answered = candles.filter(({ timeMs }) => timeMs < closedMs);
  return {
    candles: answered.length,
    requests,
    differences: compareCandles(answered, page.candles),
    closedMs,
  };
}

function violationOf({ series }: Stretch, { timeMs, stored, venue }: Difference): Violation {
  const names = venue === undefined ? undefined : differingValues(stored, venue);
  return {
    ...{ symbol: series.symbol, timeframe: series.timeframe, check: 'venue' },
    period: { fromMs: timeMs, toMs: timeMs + timeframeMs(series.timeframe) },
    expected: venue && names ? valuesText(venue, names) : 'no candle',
    found: names ? valuesText(stored, names) : 'a stored candle',
  };
}
