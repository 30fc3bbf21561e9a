import { ServerAway, WrongUse, reasonOf } from '../domain/failure.js';
import type { TemporalClient } from '../runtime/temporal.js';
import { isStream } from './start-stream.js';
import { awaitEnd, type RunEnd } from './await-end.js';
import { NO_WORKER } from './missing-worker.js';
import { isBackfill } from './start-run.js';

/** A worker answers an update within this time, ms. */
const UPDATE_TIMEOUT_MS = 5_000;

/** A cancelled run ends after the pages in flight; longer than this nobody waits for it, ms. */
const CANCEL_TIMEOUT_MS = 10_000;

/**
 * Asks a backfill to pause or to go on.
 *
 * @throws WrongUse for a run of another kind
 * @throws ServerAway when no worker answers or the run has ended
 */
export async function updateRun(
  { client }: TemporalClient,
  workflowId: string,
  update: 'pause' | 'resume',
): Promise<void> {
  if (isStream({ workflowId })) {
    throw new WrongUse('a stream cannot be paused: m1 stream stop ends it, m1 stream starts it');
  }
  if (!isBackfill({ workflowId })) {
    throw new WrongUse(`only a backfill can be paused: m1 runs cancel ${workflowId} ends this run`);
  }
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
  return (await cancelAndAwait(temporal, workflowId)) !== undefined;
}

/**
 * Cancels a run and waits a little for its end.
 *
 * @returns undefined when it goes on for longer than that
 * @throws ServerAway when Temporal does not take the wish
 */
export async function cancelAndAwait(
  temporal: TemporalClient,
  workflowId: string,
): Promise<RunEnd | undefined> {
  const signal = AbortSignal.timeout(CANCEL_TIMEOUT_MS);
  await requestCancel(temporal, workflowId);
  return awaitEnd(temporal, workflowId, signal);
}

/** Cancels a run, which ends by itself then. @throws ServerAway when Temporal does not take the wish */
export async function requestCancel(
  { client }: Pick<TemporalClient, 'client'>,
  workflowId: string,
): Promise<void> {
  try {
    await client.withDeadline(Date.now() + CANCEL_TIMEOUT_MS, () =>
      client.workflow.getHandle(workflowId).cancel(),
    );
  } catch (error) {
    throw new ServerAway(
      `Temporal does not answer (${reasonOf(error)}): m1 runs cancel ${workflowId} ends it`,
    );
  }
}
