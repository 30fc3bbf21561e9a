import type { Client } from '@temporalio/client';
import {
  REPAIR_WORKFLOW_ID,
  REPAIR_WORKFLOW_TYPE,
  TASK_QUEUE,
  WAKE_REPAIR_SIGNAL,
} from '../../domain/workflow-names.js';

/** Starts the one repair, or wakes it when it runs; any number of calls make one run. */
export async function wakeRepair(client: Client): Promise<void> {
  await client.workflow.signalWithStart(REPAIR_WORKFLOW_TYPE, {
    workflowId: REPAIR_WORKFLOW_ID,
    taskQueue: TASK_QUEUE,
    signal: WAKE_REPAIR_SIGNAL,
    signalArgs: [],
    staticSummary: 'asks again for candles that are missing',
  });
}
