import { WorkflowFailedError } from '@temporalio/client';
import {
  ApplicationFailure,
  CancelledFailure,
  RetryState,
  TerminatedFailure,
} from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import {
  endSession,
  hintText,
  unreachableText,
  type SessionEndOptions,
} from '../../cli/stream/end-session.js';
import { exitCodeOfStream, outcomeText, streamOutcome } from '../../cli/stream/stream-outcome.js';
import { STATUS } from './stream-samples.js';

function failedWith(cause: Error): { failure: Error } {
  return { failure: new WorkflowFailedError('failed', cause, RetryState.NON_RETRYABLE_FAILURE) };
}

describe('how a stream ended', () => {
  it.each<[Parameters<typeof streamOutcome>[0], number, string]>([
    [{ result: undefined }, 0, 'stopped: 2 symbols, 3 min 20 s'],
    [failedWith(new CancelledFailure('x')), 0, 'stopped: 2 symbols, 3 min 20 s'],
    [failedWith(new TerminatedFailure('by hand')), 1, 'the run was terminated: by hand'],
    [failedWith(ApplicationFailure.nonRetryable('db away', 'ServerAway')), 1, 'db away'],
    [failedWith(ApplicationFailure.nonRetryable('unknown X', 'WrongUse')), 2, 'unknown X'],
  ])('%#', (end, exitCode, text) => {
    const outcome = streamOutcome(end);
    expect(outcomeText(outcome, STATUS, STATUS.startedAtMs + 200_000)).toBe(text);
    expect(exitCodeOfStream(outcome)).toBe(exitCode);
  });

  it('is told with its rotations, marked when simulated, and short when no worker answers', () => {
    const stopped = { kind: 'stopped' } as const;
    const status = { ...STATUS, source: 'simulated', rotations: 2 };
    expect(outcomeText(stopped, status, status.startedAtMs + 1_000)).toBe(
      'SIMULATED stopped: 2 symbols, 1.0 s, 2 rotations',
    );
    expect(outcomeText(stopped, undefined, 0)).toBe('stopped');
  });
});

describe('a stream that cannot connect', () => {
  it('names the cause and the next step in one line', () => {
    expect(unreachableText('connect ECONNREFUSED 127.0.0.1:1')).toMatch(
      /^[^\n]*ECONNREFUSED 127\.0\.0\.1:1: check BYBIT_WS_URL [^\n]*network[^\n]*region[^\n]*$/,
    );
  });
});

describe('a session that leaves a stream', () => {
  it.each([
    [false, 'Ctrl-C leaves it running', /^left running: m1 stream stop ends it/],
    // a demo that joined the stream of an earlier one, and stops its servers
    [true, 'Ctrl-C stops everything', /^the stream goes on at the next m1 up; /],
  ])('says what becomes of it, servers end: %s', async (serversEnd, hint, left) => {
    const told: string[] = [];
    const options = {
      run: { workflowId: 'stream/bybit/spot/0', runId: 'r', joined: true },
      tell: (line: string) => told.push(line),
      serversEnd,
    } as unknown as SessionEndOptions;
    expect(hintText(options)).toBe(hint);
    const io = { stdout: process.stdout, stderr: process.stderr, env: {} };
    expect(await endSession({ kind: 'left' }, options, io)).toBe(0);
    expect(told).toEqual([expect.stringMatching(left)]);
  });
});
