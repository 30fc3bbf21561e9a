import type { TemporalClient } from '../runtime/temporal.js';
import { queryRun } from './missing-worker.js';
import type { RunIdentity } from './run-identity.js';

/** What Temporal's SDK answers for every workflow. */
interface Metadata {
  /** The Markdown that the Web UI shows. */
  readonly currentDetails?: string;
}

/**
 * What a run does and has done, in the words that the Web UI has of it, without the marks of Markdown.
 *
 * @returns undefined when no worker answered in time
 */
export async function queryDetails(
  temporal: Pick<TemporalClient, 'client'>,
  { workflowId, runId }: RunIdentity,
  timeoutMs: number,
): Promise<readonly string[] | undefined> {
  const query = '__temporal_workflow_metadata';
  const metadata = await queryRun<Metadata>(temporal, workflowId, query, timeoutMs, runId);
  return metadata && linesOf(metadata.currentDetails ?? '');
}

/** The lines of such details, without the marks of Markdown. */
export function linesOf(details: string): string[] {
  return details
    .replaceAll(/\*\*|`/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
}
