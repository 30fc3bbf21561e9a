import { ServerAway, reasonOf } from '../../domain/failure.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { awaitRun } from './await-run.js';
import { NO_WORKER } from './missing-worker.js';

/** A worker answers an update within this time, ms. */
const UPDATE_TIMEOUT_MS = 5_000;

/** A cancelled run ends after the pages in flight; longer than this nobody waits for it, ms. */
const CANCEL_TIMEOUT_MS = 10_000;

/**
 * Asks a run to pause or to go on.
 *
 * @throws ServerAway when no worker answers or the run has ended
 */
export async function updateRun(
  { client }: TemporalClient,
  workflowId: string,
  update: 'pause' | 'resume',
): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    await client.withDeadline(Date.now() + UPDATE_TIMEOUT_MS, () => handle.executeUpdate(update));
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (name === 'WorkflowNotFoundError') throw new ServerAway(`${workflowId} has ended already`);
    if (name === 'WorkflowUpdateRPCTimeoutOrCancelledError') throw new ServerAway(NO_WORKER);
    throw new ServerAway(`${workflowId} did not ${update}: ${reasonOf(error)}`);
  }
}

/**
 * Cancels a run and waits a little for its end.
 *
 * @returns whether it has ended
 * @throws ServerAway when it had ended before
 */
export async function cancelRun(temporal: TemporalClient, workflowId: string): Promise<boolean> {
  const handle = temporal.client.workflow.getHandle(workflowId);
  // the server accepts the cancellation of a run that has ended, and does nothing
  const { status } = await handle.describe();
  if (status.name !== 'RUNNING') throw new ServerAway(`${workflowId} has ended already`);
  await handle.cancel();
  const outcome = await awaitRun(temporal, workflowId, AbortSignal.timeout(CANCEL_TIMEOUT_MS));
  return outcome !== undefined;
}
