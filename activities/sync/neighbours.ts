import { getClient } from '@temporalio/activity';
import { streamWorkflowId, type StreamStatus } from '../../domain/stream.js';
import type { StreamWish } from '../../domain/sync.js';

/*
 * What a sync says to the workflows beside it. Only inside an activity: the client is the worker's.
 */

/** A stream that does not answer is asked again by the next sync, ms. */
const STREAM_TIMEOUT_MS = 30_000;

/** Whether a backfill is at work, which may bring the history of a pair without being asked to. */
export async function backfillRuns(): Promise<boolean> {
  const { count } = await getClient().workflow.count(
    'WorkflowType = "backfillWorkflow" AND ExecutionStatus = "Running" AND CollectorPhase != "paused"',
  );
  return count > 0;
}

/**
 * Makes the stream follow these pairs, when one runs and follows others.
 *
 * @returns whether it was told to
 */
export async function adaptStream({ pairs, symbols }: StreamWish): Promise<boolean> {
  const client = getClient();
  const handle = client.workflow.getHandle(streamWorkflowId());
  try {
    if ((await handle.describe()).status.name !== 'RUNNING') return false;
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return false;
    throw error;
  }
  return client.withDeadline(Date.now() + STREAM_TIMEOUT_MS, async () => {
    const followed = new Set((await handle.query<StreamStatus>('status')).symbols);
    if (followed.size === symbols.length && symbols.every((symbol) => followed.has(symbol))) {
      return false;
    }
    await handle.executeUpdate('setSymbols', { args: [pairs] });
    return true;
  });
}
