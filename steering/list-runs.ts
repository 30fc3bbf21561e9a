import type { WorkflowExecutionInfo } from '@temporalio/client';
import { FRESHNESS_WORKFLOW_TYPE } from '../domain/freshness.js';
import type { ListedRun } from '../domain/listed-run.js';
import { COLLECTOR_KIND, COLLECTOR_PHASE } from '../domain/search-attributes.js';
import { SYNC_WORKFLOW_TYPE } from '../domain/sync.js';
import {
  REPAIR_WORKFLOW_TYPE,
  RETENTION_SCHEDULE_ID,
  RETENTION_WORKFLOW_TYPE,
  VERIFY_WORKFLOW_TYPE,
} from '../domain/workflow-names.js';
import type { TemporalClient } from '../runtime/temporal.js';
import { STREAM_WORKFLOW } from './start-stream.js';
import { SCHEDULE_IDS } from './sync-schedules.js';
import { BACKFILL_WORKFLOW } from './start-run.js';

export interface ListOptions {
  readonly limit: number;
  /** Only runs whose id begins so. Must hold no quotes. */
  readonly idPrefix?: string;
}

/** Workflows with a run of their own; those of single symbols belong to a backfill. */
const RUN_TYPES = [
  ...[BACKFILL_WORKFLOW, STREAM_WORKFLOW, REPAIR_WORKFLOW_TYPE, VERIFY_WORKFLOW_TYPE],
  ...[SYNC_WORKFLOW_TYPE, FRESHNESS_WORKFLOW_TYPE, RETENTION_WORKFLOW_TYPE],
];

/** Whether a workflow of this type is a run of M1 of its own. */
export function isRunType(type: string): boolean {
  return RUN_TYPES.includes(type);
}

/** Schedules start a run every few minutes: the last one tells how they do. */
const SCHEDULES = [...SCHEDULE_IDS, RETENTION_SCHEDULE_ID];

/** The name of a run without the time that a Schedule adds. */
export function nameOfRun(workflowId: string): string {
  return workflowId.replace(/-\d{4}-\d{2}-\d{2}T[\d:.]+Z$/, '');
}

/**
 * Running and finished runs, newest first. A run that went on in a new history is one run. Without
 * `idPrefix` only the last run of each Schedule, beside `limit` others.
 */
export async function listRuns(
  { client }: Pick<TemporalClient, 'client'>,
  { limit, idPrefix }: ListOptions,
): Promise<ListedRun[]> {
  if (idPrefix !== undefined) return newest(client, `WorkflowId STARTS_WITH "${idPrefix}"`, limit);
  const notScheduled = SCHEDULES.map((id) => `WorkflowId NOT STARTS_WITH "${id}-"`);
  const [others, ...last] = await Promise.all([
    newest(client, notScheduled.join(' AND '), limit),
    ...SCHEDULES.map((id) => newest(client, `WorkflowId STARTS_WITH "${id}-"`, 1)),
  ]);
  return [...others, ...last.flat()].sort((a, b) => b.startedAtMs - a.startedAtMs);
}

async function newest(
  client: TemporalClient['client'],
  condition: string,
  limit: number,
): Promise<ListedRun[]> {
  const types = RUN_TYPES.map((type) => `"${type}"`).join(', ');
  const query = `WorkflowType IN (${types}) AND ExecutionStatus != "ContinuedAsNew" AND ${condition}`;
  const runs: ListedRun[] = [];
  for await (const info of client.workflow.list({ query, pageSize: limit })) {
    runs.push(listedRun(info));
    if (runs.length >= limit) break;
  }
  return runs;
}

/** What the list and the description of a run have in common. */
type RunInfo = Pick<
  WorkflowExecutionInfo,
  'workflowId' | 'runId' | 'status' | 'startTime' | 'closeTime' | 'typedSearchAttributes'
>;

export function listedRun(info: RunInfo): ListedRun {
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

/** Phases that say more of a run that came to its end than Temporal's word for it. */
const TELLING_PHASES: readonly (string | undefined)[] = ['partial', 'alerting'];

/**
 * Temporal calls a run completed that came to its end, also when some series failed or are behind,
 * and a stream cancelled that was stopped as it should be.
 */
function statusOf(name: string, phase: string | undefined): string {
  if (phase !== undefined && TELLING_PHASES.includes(phase)) return phase;
  if (phase === 'stopped' && name === 'CANCELLED') return phase;
  return name.toLowerCase().replaceAll('_', ' ');
}
