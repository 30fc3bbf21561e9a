import { TASK_QUEUE } from '../domain/workflow-names.js';
import type { TemporalClient } from './temporal.js';

/** A poll is held open for a minute, so a worker that lives has begun one within this time, ms. */
const POLL_AGE_MS = 75_000;

const PENDING_WORKFLOW_TASK_SCHEDULED = 1;

type Connected = Pick<TemporalClient, 'connection' | 'namespace'>;

/** Whether {@link pollingWorkers} are there. */
export async function workerPolls(connected: Connected): Promise<boolean> {
  return (await pollingWorkers(connected)) > 0;
}

/**
 * How many workers poll the task queue of the workflows. The server remembers a poller for a while,
 * so a worker that died within the last minute still counts.
 */
export async function pollingWorkers({ connection, namespace }: Connected): Promise<number> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: TASK_QUEUE },
  });
  const oldest = Date.now() - POLL_AGE_MS;
  const alive = pollers.filter(
    ({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 >= oldest,
  );
  return new Set(alive.map(({ identity }) => identity)).size;
}

/**
 * Whether the run has a workflow task that no worker has taken: the sure sign, at once, that none
 * runs, where {@link workerPolls} still remembers the last one.
 */
export async function workflowTaskWaits(
  { connection, namespace }: Connected,
  workflowId: string,
): Promise<boolean> {
  const { pendingWorkflowTask } = await connection.workflowService.describeWorkflowExecution({
    namespace,
    execution: { workflowId },
  });
  const state: number | null | undefined = pendingWorkflowTask?.state;
  return state === PENDING_WORKFLOW_TASK_SCHEDULED;
}
