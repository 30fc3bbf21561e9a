import { WorkflowIdReusePolicy } from '@temporalio/client';
import { backfillWorkflowId, type BackfillRequest } from '../domain/backfill.js';
import { ServerAway } from '../domain/failure.js';
import { COLLECTOR_KIND, COLLECTOR_PHASE, TIMEFRAMES_KEY } from '../domain/search-attributes.js';
import type { Timeframe } from '../domain/timeframe.js';
import { TASK_QUEUE } from '../domain/workflow-names.js';
import type { TemporalClient } from '../runtime/temporal.js';
import { awaitEnd } from './await-end.js';
import { whyNotEnded } from './missing-worker.js';
import type { RunIdentity } from './run-identity.js';
import { requestDetails, requestText } from './request-text.js';

export interface StartedRun extends RunIdentity {
  /** True when the same run was going on already. */
  readonly joined: boolean;
}

export const BACKFILL_WORKFLOW = 'backfillWorkflow';

/** Whether a run is a backfill: the only kind that can be paused. */
export function isBackfill({ workflowId }: Pick<StartedRun, 'workflowId'>): boolean {
  return workflowId.startsWith('backfill/');
}

/** The server takes this much, bytes; symbols of a long request would pass it. */
const MAX_DETAILS = 15_000;

/** A run that was asked to stop ends within this time, after what is in flight, ms. */
const STOPPING_PATIENCE_MS = 10_000;

/** Starts the backfill, or joins the one that does the same already. */
export async function startOrJoinBackfill(
  temporal: TemporalClient,
  request: BackfillRequest,
): Promise<StartedRun> {
  return startOrJoin(temporal, {
    workflowType: BACKFILL_WORKFLOW,
    workflowId: backfillWorkflowId(request),
    input: { request },
    kind: 'backfill',
    timeframes: request.timeframes,
    staticSummary: requestText(request),
    staticDetails: requestDetails(request),
  });
}

/** A run as the client starts it. */
export interface RunStart {
  readonly workflowType: string;
  readonly workflowId: string;
  /** The one argument of the workflow. */
  readonly input: unknown;
  /** Value of the search attribute `CollectorKind`. */
  readonly kind: string;
  /** Value of the search attribute `Timeframes`; default: it has none. */
  readonly timeframes?: readonly Timeframe[];
  /** One line for the Web UI. */
  readonly staticSummary: string;
  /** Markdown for the Web UI. */
  readonly staticDetails: string;
}

/**
 * Starts a run, or joins the one of this id that goes on. One that was asked to stop is not joined: its
 * end is awaited, and the run started anew.
 *
 * @throws ServerAway when that one does not end
 */
export async function startOrJoin(temporal: TemporalClient, start: RunStart): Promise<StartedRun> {
  const { workflowId } = start;
  const deadlineMs = performance.now() + STOPPING_PATIENCE_MS;
  for (;;) {
    const run = (await startNew(temporal, start)) ?? (await joinLasting(temporal, workflowId));
    if (run !== undefined) return run;
    const leftMs = Math.ceil(deadlineMs - performance.now());
    if (leftMs <= 0) {
      const why = await whyNotEnded(temporal, workflowId);
      throw new ServerAway(`${workflowId} was asked to stop and has not ended yet: ${why}`);
    }
    await awaitEnd(temporal, workflowId, AbortSignal.timeout(leftMs));
  }
}

/** @returns undefined when a run of this id goes on */
async function startNew(
  { client }: TemporalClient,
  { workflowType, input, kind, timeframes, staticDetails, ...start }: RunStart,
): Promise<StartedRun | undefined> {
  const { workflowId } = start;
  try {
    // a conflict is refused, not joined, because only the refusal tells that it ran already
    const handle = await client.workflow.start(workflowType, {
      ...start,
      taskQueue: TASK_QUEUE,
      args: [input],
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticDetails: staticDetails.slice(0, MAX_DETAILS),
      typedSearchAttributes: [
        { key: COLLECTOR_KIND, value: kind },
        { key: COLLECTOR_PHASE, value: 'planning' },
        ...(timeframes === undefined ? [] : [{ key: TIMEFRAMES_KEY, value: [...timeframes] }]),
      ],
    });
    return { workflowId, runId: handle.firstExecutionRunId, joined: false };
  } catch (error) {
    if (!(error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError')) {
      throw error;
    }
    return undefined;
  }
}

/** @returns undefined for a run that was asked to stop */
async function joinLasting(
  { client }: TemporalClient,
  workflowId: string,
): Promise<StartedRun | undefined> {
  const { runId, raw } = await client.workflow.getHandle(workflowId).describe();
  if (raw.workflowExtendedInfo?.cancelRequested === true) return undefined;
  return { workflowId, runId, joined: true };
}
