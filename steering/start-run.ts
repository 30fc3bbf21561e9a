import { WorkflowIdReusePolicy } from '@temporalio/client';
import { backfillWorkflowId, type BackfillRequest } from '../domain/backfill.js';
import { COLLECTOR_KIND, COLLECTOR_PHASE, TIMEFRAMES_KEY } from '../domain/search-attributes.js';
import type { Timeframe } from '../domain/timeframe.js';
import { TASK_QUEUE } from '../domain/workflow-names.js';
import type { TemporalClient } from '../runtime/temporal.js';
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

/** Starts the backfill, or joins the one that does the same already. */
export async function startOrJoinBackfill(
  temporal: Pick<TemporalClient, 'client'>,
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

/** Starts a run, or joins the one of this id that goes on. */
export async function startOrJoin(
  { client }: Pick<TemporalClient, 'client'>,
  { workflowType, input, kind, timeframes, staticDetails, ...start }: RunStart,
): Promise<StartedRun> {
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
    const { runId } = await client.workflow.getHandle(workflowId).describe();
    return { workflowId, runId, joined: true };
  }
}
