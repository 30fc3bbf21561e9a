import { WorkflowFailedError } from '@temporalio/client';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  RetryState,
  TerminatedFailure,
} from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { runDocument } from '../../cli/runs/run-document.js';
import { exitCodeOf, failedRun, finishedRun } from '../../cli/runs/run-outcome.js';

const RESULT = {
  status: 'done',
  series: 1,
  candles: 2,
  requests: 3,
  seconds: 4,
  failed: [],
} as const;

function failedWith(cause: Error): WorkflowFailedError {
  return new WorkflowFailedError(
    'Workflow execution failed',
    cause,
    RetryState.NON_RETRYABLE_FAILURE,
  );
}

function inActivity(cause: Error): Error {
  return new ActivityFailure(
    'Activity task failed',
    'plan',
    '1',
    RetryState.NON_RETRYABLE_FAILURE,
    'id',
    cause,
  );
}

describe('how a run ended', () => {
  it.each<[Error, number, string]>([
    [ApplicationFailure.nonRetryable('unknown XUSDT', 'WrongUse'), 2, 'unknown XUSDT'],
    [ApplicationFailure.nonRetryable('region blocked', 'GiveUpRun'), 1, 'region blocked'],
    [ApplicationFailure.nonRetryable('db away', 'ServerAway'), 1, 'db away'],
    [new CancelledFailure('x'), 1, 'the run was cancelled'],
    [new TerminatedFailure('by hand'), 1, 'the run was terminated: by hand'],
  ])('%s', (cause, exitCode, reason) => {
    for (const error of [failedWith(cause), failedWith(inActivity(cause))]) {
      const outcome = failedRun(error);
      expect(outcome).toEqual({ kind: 'failed', reason, exitCode });
      expect(exitCodeOf(outcome)).toBe(exitCode);
    }
  });

  it('exits with 0 when done and 3 when some series failed', () => {
    expect(exitCodeOf(finishedRun(RESULT))).toBe(0);
    expect(exitCodeOf(finishedRun({ ...RESULT, status: 'partial' }))).toBe(3);
  });
});

describe('runDocument', () => {
  const run = { workflowId: 'w', runId: 'r' };

  it('has the fields of the contract', () => {
    expect(runDocument(run, finishedRun(RESULT), undefined, 0)).toEqual({
      workflow_id: 'w',
      run_id: 'r',
      ...RESULT,
    });
  });

  it('says running for a run that goes on, failed for one that ended badly', () => {
    const empty = { series: 0, candles: 0, requests: 0, seconds: 0, failed: [] };
    expect(runDocument(run, undefined, undefined, 0)).toMatchObject({
      status: 'running',
      ...empty,
    });
    const failed = failedRun(failedWith(new CancelledFailure('x')));
    expect(runDocument(run, failed, undefined, 0)).toMatchObject({ status: 'failed', ...empty });
  });
});
