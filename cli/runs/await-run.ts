import type { BackfillResult } from '../../domain/backfill.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { awaitEnd } from '../../steering/await-end.js';
import { failedRun, finishedRun, type RunOutcome } from './run-outcome.js';

/** Waits for the end of a backfill, as {@link awaitEnd} does. */
export async function awaitRun(
  temporal: Pick<TemporalClient, 'client'>,
  workflowId: string,
  signal: AbortSignal,
): Promise<RunOutcome | undefined> {
  const end = await awaitEnd(temporal, workflowId, signal);
  if (end === undefined) return undefined;
  return 'failure' in end ? failedRun(end.failure) : finishedRun(end.result as BackfillResult);
}
