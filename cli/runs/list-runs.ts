import type { WorkflowExecutionInfo } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { TemporalClient } from '../../runtime/temporal.js';
import { BACKFILL_WORKFLOW } from './start-run.js';

/** A run as the list shows it. */
export interface ListedRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly kind: string;
  /** Temporal's word for it, in lower case: `running`, `completed`, `failed`, `cancelled`. */
  readonly status: string;
  readonly phase: string | undefined;
  readonly startedAtMs: number;
  readonly closedAtMs: number | undefined;
}

export interface ListOptions {
  readonly limit: number;
  /** Only runs whose id begins so. Must hold no quotes. */
  readonly idPrefix?: string;
}

/** Workflows that a person starts and steers; those of single symbols belong to one of them. */
const RUN_TYPES = [BACKFILL_WORKFLOW];

const KIND = defineSearchAttributeKey('CollectorKind', 'KEYWORD');
const PHASE = defineSearchAttributeKey('CollectorPhase', 'KEYWORD');

/** Running and finished runs, newest first. A run that went on in a new history is one run. */
export async function listRuns(
  { client }: Pick<TemporalClient, 'client'>,
  { limit, idPrefix }: ListOptions,
): Promise<ListedRun[]> {
  const types = RUN_TYPES.map((type) => `"${type}"`).join(', ');
  const query = [
    `WorkflowType IN (${types})`,
    `ExecutionStatus != "ContinuedAsNew"`,
    ...(idPrefix === undefined ? [] : [`WorkflowId STARTS_WITH "${idPrefix}"`]),
  ].join(' AND ');
  const runs: ListedRun[] = [];
  for await (const info of client.workflow.list({ query, pageSize: limit })) {
    runs.push(listedRun(info));
    if (runs.length >= limit) break;
  }
  return runs;
}

export function listedRun(info: WorkflowExecutionInfo): ListedRun {
  const phase = info.typedSearchAttributes.get(PHASE);
  return {
    workflowId: info.workflowId,
    runId: info.runId,
    kind: info.typedSearchAttributes.get(KIND) ?? info.workflowId.split('/', 1)[0] ?? '',
    // Temporal calls a run completed that came to its end, also when some series failed.
    status: phase === 'partial' ? phase : info.status.name.toLowerCase().replaceAll('_', ' '),
    phase,
    startedAtMs: info.startTime.getTime(),
    closedAtMs: info.closeTime?.getTime(),
  };
}
