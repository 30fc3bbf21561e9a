import { WorkflowIdReusePolicy } from '@temporalio/client';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { backfillWorkflowId, type BackfillRequest } from '../../domain/backfill.js';
import { TASK_QUEUE } from '../../domain/workflow-names.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { requestDetails, requestText } from './request-text.js';

export interface StartedRun {
  readonly workflowId: string;
  readonly runId: string;
  /** True when the same backfill was running already. */
  readonly joined: boolean;
}

export const BACKFILL_WORKFLOW = 'backfillWorkflow';

/** The server takes this much, bytes; symbols of a long request would pass it. */
const MAX_DETAILS = 15_000;

/** Starts the backfill, or joins the one that does the same already. */
export async function startOrJoinBackfill(
  { client }: Pick<TemporalClient, 'client'>,
  request: BackfillRequest,
): Promise<StartedRun> {
  const workflowId = backfillWorkflowId(request);
  try {
    // a conflict is refused, not joined, because only the refusal tells that it ran already
    const handle = await client.workflow.start(BACKFILL_WORKFLOW, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [{ request }],
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      typedSearchAttributes: searchAttributes(request),
      staticSummary: requestText(request),
      staticDetails: requestDetails(request).slice(0, MAX_DETAILS),
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

function searchAttributes(request: BackfillRequest): SearchAttributePair[] {
  return [
    { key: defineSearchAttributeKey('CollectorKind', 'KEYWORD'), value: 'backfill' },
    { key: defineSearchAttributeKey('CollectorPhase', 'KEYWORD'), value: 'planning' },
    { key: defineSearchAttributeKey('Timeframes', 'KEYWORD_LIST'), value: [...request.timeframes] },
  ];
}
