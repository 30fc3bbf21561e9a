import type { Client } from '@temporalio/client';
import { REPAIR_START, REPAIR_WORKFLOW_TYPE } from '../../domain/workflow-names.js';

/** Starts the one repair, or wakes it when it runs; any number of calls make one run. */
export async function wakeRepair(client: Client): Promise<void> {
  await client.workflow.signalWithStart(REPAIR_WORKFLOW_TYPE, { ...REPAIR_START, signalArgs: [] });
}
