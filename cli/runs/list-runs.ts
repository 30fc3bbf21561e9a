import type { WorkflowExecutionInfo } from '@temporalio/client';
import { COLLECTOR_KIND, COLLECTOR_PHASE } from '../../domain/search-attributes.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { STREAM_WORKFLOW } from '../stream/start-stream.js';
import { BACKFILL_WORKFLOW } from './start-run.js';

/** A run as the list shows it. */
export interface ListedRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly kind: string;
  /** Mostly Temporal's word for it, in lower case: `running`, `completed`, `failed`, `stopped`. */
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
const RUN_TYPES = [BACKFILL_WORKFLOW, STREAM_WORKFLOW];

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
  const phase = info.typedSearchAttributes.get(COLLECTOR_PHASE);
  return {
    workflowId: info.workflowId,
    runId: info.runId,
    kind: info.typedSearchAttributes.get(COLLECTOR_KIND) ?? info.workflowId.split('/', 1)[0] ?? '',
    status: statusOf(info.status.name, phase),
    phase,
    startedAtMs: info.startTime.getTime(),
    closedAtMs: info.closeTime?.getTime(),
  };
}

/**
 * Temporal calls a run completed that came to its end, also when some series failed, and a stream
 * cancelled that was stopped as it should be.
 */
function statusOf(name: string, phase: string | undefined): string {
  if (phase === 'partial' || (phase === 'stopped' && name === 'CANCELLED')) return phase;
  return name.toLowerCase().replaceAll('_', ' ');
}
