import type { BackfillProgress } from '../domain/backfill.js';
import type { TemporalClient } from '../runtime/temporal.js';
import { workerPolls, workflowTaskWaits } from '../runtime/worker-presence.js';

export const NO_WORKER = 'no worker is running: start m1 worker or m1 up';

/** A worker that runs answers within this time, ms; the command promises its line within 5 s. */
const QUERY_TIMEOUT_MS = 3_000;
/** The same where none has polled lately: it may be just starting. */
const UNLIKELY_QUERY_TIMEOUT_MS = 1_000;
const CHECK_TIMEOUT_MS = 1_000;

/** How long an answer is worth waiting for, ms. */
export async function queryPatienceMs(temporal: TemporalClient): Promise<number> {
  const deadline = Date.now() + CHECK_TIMEOUT_MS;
  try {
    const polls = await temporal.client.withDeadline(deadline, () => workerPolls(temporal));
    return polls ? QUERY_TIMEOUT_MS : UNLIKELY_QUERY_TIMEOUT_MS;
  } catch {
    return UNLIKELY_QUERY_TIMEOUT_MS;
  }
}

/** Asks a backfill how far it is. @returns undefined when no worker answered in time */
export async function queryProgress(
  temporal: Pick<TemporalClient, 'client'>,
  workflowId: string,
  timeoutMs: number = QUERY_TIMEOUT_MS,
): Promise<BackfillProgress | undefined> {
  return queryRun<BackfillProgress>(temporal, workflowId, 'progress', timeoutMs);
}

/**
 * Asks a run a query of its own.
 *
 * @param runId default: the last of this workflow id
 * @returns undefined when no worker answered in time
 */
export async function queryRun<Answer>(
  { client }: Pick<TemporalClient, 'client'>,
  workflowId: string,
  query: string,
  timeoutMs: number,
  runId?: string,
): Promise<Answer | undefined> {
  try {
    const handle = client.workflow.getHandle(workflowId, runId);
    return await client.withDeadline(Date.now() + timeoutMs, () => handle.query<Answer>(query));
  } catch {
    return undefined;
  }
}

/**
 * Why a query went unanswered, as a line for the user; undefined when a worker has the run and is
 * only slow.
 *
 * @param taken whether a worker is known to have worked on the run before
 */
export async function whyUnanswered(
  temporal: TemporalClient,
  workflowId: string,
  taken: boolean,
): Promise<string | undefined> {
  const deadline = Date.now() + CHECK_TIMEOUT_MS;
  try {
    return await temporal.client.withDeadline(deadline, async () => {
      const polls = await workerPolls(temporal);
      if (taken || !polls) return NO_WORKER;
      return (await workflowTaskWaits(temporal, workflowId)) ? NO_WORKER : undefined;
    });
  } catch {
    return 'Temporal does not answer: waiting for it';
  }
}

/** Why a run that was asked to stop goes on, as the end of a line for the user. */
export async function whyNotEnded(temporal: TemporalClient, workflowId: string): Promise<string> {
  const waits = await workflowTaskWaits(temporal, workflowId).catch(() => false);
  return waits ? NO_WORKER : `m1 runs show ${workflowId} says what it does`;
}

/** @returns whether a worker takes up the run soon; tells at once when one does */
export async function workerTakes(
  temporal: TemporalClient,
  workflowId: string,
  joined: boolean,
): Promise<boolean> {
  const patienceMs = await queryPatienceMs(temporal);
  if ((await queryProgress(temporal, workflowId, patienceMs)) !== undefined) return true;
  return (await whyUnanswered(temporal, workflowId, joined)) === undefined;
}
