import type { Client } from '@temporalio/client';
import { until } from '../stack/until.js';

/** Waits until every one of these runs knows that it is cancelled: what its activities do then is late. */
export async function cancelReached(client: Client, workflowIds: readonly string[]): Promise<void> {
  await until('the cancellation to reach every run', async () => {
    const histories = await Promise.all(
      workflowIds.map((workflowId) => client.workflow.getHandle(workflowId).fetchHistory()),
    );
    const reached = histories.every(({ events }) =>
      events?.some((event) => event.workflowExecutionCancelRequestedEventAttributes),
    );
    return reached ? true : undefined;
  });
}
