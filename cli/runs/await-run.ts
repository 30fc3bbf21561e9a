import { setTimeout as sleep } from 'node:timers/promises';
import type { BackfillResult } from '../../domain/backfill.js';
import { WrongUse } from '../../domain/failure.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { failedRun, finishedRun, type RunOutcome } from './run-outcome.js';

const RETRY_MS = 1_000;

/**
 * Waits for the end of a run, also while Temporal itself is away.
 *
 * @returns undefined when `signal` aborted first
 * @throws WrongUse when there is no such run
 */
export async function awaitRun(
  { client }: Pick<TemporalClient, 'client'>,
  workflowId: string,
  signal: AbortSignal,
): Promise<RunOutcome | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  while (!signal.aborted) {
    try {
      const result: unknown = await client.withAbortSignal(signal, () => handle.result());
      return finishedRun(result as BackfillResult);
    } catch (error) {
      if (isAborted(signal)) return undefined;
      const name = error instanceof Error ? error.name : '';
      if (name === 'WorkflowFailedError') return failedRun(error as Error);
      if (name === 'WorkflowNotFoundError') throw new WrongUse(`there is no run ${workflowId}`);
      if (name !== 'ServiceError') throw error;
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

/** A function, because the compiler takes the flag for unchanged across an await. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
