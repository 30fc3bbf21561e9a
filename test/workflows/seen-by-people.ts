import type { WorkflowHandle } from '@temporalio/client';
import { COLLECTOR_PHASE } from '../../domain/search-attributes.js';
import { until } from '../stack/until.js';

/** Waits until the search attribute of the phase says so. */
export async function phaseBecomes(handle: WorkflowHandle, phase: string): Promise<void> {
  await until(phase, async () => {
    const { typedSearchAttributes } = await handle.describe();
    return typedSearchAttributes.get(COLLECTOR_PHASE) === phase ? true : undefined;
  });
}

/** What the Web UI shows of the state of a run, as Markdown. */
export async function detailsOf(handle: WorkflowHandle): Promise<string> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}
