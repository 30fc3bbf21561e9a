import type { BackfillResult } from '../../domain/backfill.js';
import { reasonOf } from '../../domain/failure.js';
import { deepestCause } from '../../steering/deepest-cause.js';
import { EXIT } from '../exit-codes.js';

/** How a run ended. */
export type RunOutcome = { readonly kind: 'finished'; readonly result: BackfillResult } | FailedRun;

export interface FailedRun {
  readonly kind: 'failed';
  /** One line. */
  readonly reason: string;
  readonly exitCode: number;
}

/** The outcome of a run whose result was `result`. */
export function finishedRun(result: BackfillResult): RunOutcome {
  return { kind: 'finished', result };
}

/**
 * The outcome of a run that ended without a result. Its cause lies at the bottom of the chain: the
 * activity's own failure, whose type says what the caller must do.
 */
export function failedRun(error: Error): FailedRun {
  const cause = deepestCause(error);
  if (cause.name === 'CancelledFailure') {
    return { kind: 'failed', reason: 'the run was cancelled', exitCode: EXIT.failed };
  }
  if (cause.name === 'TerminatedFailure') {
    return {
      kind: 'failed',
      reason: `the run was terminated: ${reasonOf(cause)}`,
      exitCode: EXIT.failed,
    };
  }
  const type = 'type' in cause ? cause.type : undefined;
  return {
    kind: 'failed',
    reason: reasonOf(cause),
    exitCode: type === 'WrongUse' ? EXIT.wrongUse : EXIT.failed,
  };
}

/** What the command exits with after this run. */
export function exitCodeOf(outcome: RunOutcome): number {
  if (outcome.kind === 'failed') return outcome.exitCode;
  return outcome.result.status === 'partial' ? EXIT.partial : EXIT.done;
}
