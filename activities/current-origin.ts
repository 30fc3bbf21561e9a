import { activityInfo } from '@temporalio/activity';
import type { FetchOrigin } from '../domain/stores.js';

/** The run that this activity works for. */
export function currentOrigin(source: FetchOrigin['source']): FetchOrigin {
  const { workflowId, runId } = activityInfo().workflowExecution ?? { workflowId: '', runId: '' };
  return { source, workflowId, runId };
}
