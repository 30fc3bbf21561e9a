import type { FailedSeries } from '../domain/backfill.js';
import {
  GiveUpRun,
  GiveUpSymbol,
  reasonOf,
  RetrySoon,
  ServerAway,
  WaitUntil,
} from '../domain/failure.js';
import type { Series } from '../domain/series.js';
import { API_FAILURES_TO_GIVE_UP, apiFailure, seriesFailed } from './failures.js';

/** Failed requests by what was asked, since it was last answered. Travels in heartbeat details. */
export type FailureCounts = Readonly<Record<string, number>>;

/** Thrown when a request has failed and its failure was counted. */
class CountedFailure extends Error {
  override readonly name = 'CountedFailure';
  constructor(
    message: string,
    readonly failures: number,
    /** The series that cannot go on without this request. */
    readonly series: readonly Series[],
  ) {
    super(message);
  }
}

/**
 * Counts the failures of each request across attempts, so that one page that always fails ends its
 * series although the pages beside it succeed.
 */
export class RequestFailures {
  readonly #counts: Record<string, number>;

  constructor(counts: FailureCounts) {
    this.#counts = { ...counts };
  }

  get counts(): FailureCounts {
    return { ...this.#counts };
  }

  /**
   * Runs one request under the name `key`.
   * @throws CountedFailure for what the venue did; everything else unchanged
   */
  async count<Result>(
    key: string,
    series: readonly Series[],
    request: () => Promise<Result>,
  ): Promise<Result> {
    try {
      const result = await request();
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- plain data for heartbeats
      delete this.#counts[key];
      return result;
    } catch (error) {
      if (error instanceof RetrySoon) {
        const failures = (this.#counts[key] ?? 0) + 1;
        this.#counts[key] = failures;
        throw new CountedFailure(error.message, failures, series);
      }
      if (error instanceof GiveUpSymbol) {
        throw new CountedFailure(error.message, API_FAILURES_TO_GIVE_UP, series);
      }
      throw error;
    }
  }
}

/**
 * What an attempt that met `errors` ends with. The gravest decides: what no request can mend before
 * what ends a series, then what must be waited for, then what is tried again.
 */
export function gravest(errors: readonly unknown[]): unknown {
  const failures = errors.filter((error) => error instanceof CountedFailure);
  const fatal = errors.find((error) => error instanceof GiveUpRun);
  if (fatal !== undefined) return fatal;
  const away = errors.find((error) => error instanceof ServerAway || !isAboutRequests(error));
  if (away !== undefined) return away;
  const lost = failures.filter(({ failures }) => failures >= API_FAILURES_TO_GIVE_UP);
  if (lost.length > 0) return seriesFailed(failedSeries(lost));
  const waits = errors.filter((error) => error instanceof WaitUntil);
  const longest = waits.sort((a, b) => b.untilMs - a.untilMs)[0];
  if (longest !== undefined) return longest;
  const worst = failures.sort((a, b) => b.failures - a.failures)[0];
  return worst === undefined ? errors[0] : apiFailure(worst.message, worst.failures);
}

/** A plan that cannot be made ends the run: there is no series yet that could be given up. */
export function endOfPlanning(error: unknown): unknown {
  if (!(error instanceof CountedFailure)) return error;
  return error.failures < API_FAILURES_TO_GIVE_UP
    ? apiFailure(error.message, error.failures)
    : new GiveUpRun(
        `${error.message}; m1 doctor --venue tells whether ByBit can be reached from here`,
      );
}

function isAboutRequests(error: unknown): boolean {
  return error instanceof CountedFailure || error instanceof WaitUntil;
}

/** One entry a series, with the reason of the first request that it lost. */
function failedSeries(lost: readonly CountedFailure[]): FailedSeries[] {
  const bySeries = new Map<string, FailedSeries>();
  for (const failure of lost) {
    for (const { symbol, timeframe } of failure.series) {
      const key = `${symbol} ${timeframe}`;
      if (!bySeries.has(key)) {
        bySeries.set(key, { symbol, timeframe, reason: reasonOf(failure) });
      }
    }
  }
  return [...bySeries.values()];
}
