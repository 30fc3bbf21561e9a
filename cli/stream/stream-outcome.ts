import type { StreamStatus } from '../../domain/stream.js';
import { EXIT } from '../exit-codes.js';
import { formatSeconds, plural } from '../render/format.js';
import type { RunEnd } from '../../steering/await-end.js';
import { simulatedMark } from '../render/progress-lines.js';
import { failedRun, type FailedRun } from '../runs/run-outcome.js';

/** How a stream ended: as somebody wished, or not. */
export type StreamOutcome = { readonly kind: 'stopped' } | FailedRun;

export function streamOutcome(end: RunEnd): StreamOutcome {
  if ('result' in end) return { kind: 'stopped' };
  if (end.failure.cause instanceof Error && end.failure.cause.name === 'CancelledFailure') {
    return { kind: 'stopped' };
  }
  return failedRun(end.failure);
}

/** `stopped: 50 symbols, 3 min 20 s`. @param status the last that was heard of it */
export function outcomeText(
  outcome: StreamOutcome,
  status: StreamStatus | undefined,
  endedAtMs: number,
): string {
  if (outcome.kind === 'failed') return outcome.reason;
  if (status === undefined) return 'stopped';
  const { symbols, startedAtMs, rotations } = status;
  const seconds = (endedAtMs - startedAtMs) / 1000;
  const turns = rotations === 0 ? [] : [plural(rotations, 'rotation')];
  const what = [plural(symbols.length, 'symbol'), formatSeconds(seconds), ...turns].join(', ');
  return `${simulatedMark(status.source)}stopped: ${what}`;
}

export function exitCodeOfStream(outcome: StreamOutcome): number {
  return outcome.kind === 'failed' ? outcome.exitCode : EXIT.done;
}
