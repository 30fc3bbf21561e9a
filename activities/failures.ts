import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { FailedSeries } from '../domain/backfill.js';
import {
  GiveUpRun,
  reasonOf,
  RetryNow,
  ServerAway,
  WaitUntil,
  WrongUse,
} from '../domain/failure.js';

/** Waits before a request is tried again after its first, second and third failure, ms. */
export const API_RETRY_WAITS_MS = [1_000, 2_000, 4_000] as const;

/** Failures of one request that end its series. */
export const API_FAILURES_TO_GIVE_UP = API_RETRY_WAITS_MS.length + 1;

/** The shortest wait handed to Temporal, ms: its timers are no finer. */
const MIN_DELAY_MS = 50;

/** A request failed for the `failures`-th time and is to be tried again. */
export function apiFailure(message: string, failures: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'RetrySoon',
    message,
    nextRetryDelay: API_RETRY_WAITS_MS[failures - 1] ?? API_RETRY_WAITS_MS[2],
  });
}

/** The venue will not give these series in this run. */
export function seriesFailed(failed: readonly FailedSeries[]): ApplicationFailure {
  const names = failed.map(({ symbol, timeframe }) => `${symbol} ${timeframe}`).join(', ');
  return ApplicationFailure.create({
    type: 'SeriesFailed',
    message: `${names}: ${failed[0]?.reason ?? 'no reason given'}`,
    nonRetryable: true,
    details: [failed],
  });
}

/**
 * The one place that turns errors into what Temporal does about them. Errors that no class
 * describes pass unchanged and are retried by the policy.
 */
export function toTemporal(error: unknown, nowMs: number): unknown {
  if (error instanceof WaitUntil) {
    return ApplicationFailure.create({
      type: 'WaitUntil',
      message: error.message,
      nextRetryDelay: Math.max(MIN_DELAY_MS, error.untilMs - nowMs),
      category: ApplicationFailureCategory.BENIGN,
    });
  }
  if (error instanceof GiveUpRun || error instanceof WrongUse) {
    return ApplicationFailure.nonRetryable(error.message, error.name);
  }
  if (error instanceof RetryNow) {
    return ApplicationFailure.create({
      type: error.name,
      message: error.message,
      nextRetryDelay: MIN_DELAY_MS,
      category: ApplicationFailureCategory.BENIGN,
    });
  }
  if (error instanceof ServerAway) {
    return ApplicationFailure.retryable(error.message, error.name);
  }
  return error instanceof Error ? error : new Error(reasonOf(error));
}
