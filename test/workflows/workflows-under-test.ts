import { Client, Connection } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { REST_TASK_QUEUE, STREAM_TASK_QUEUE, TASK_QUEUE } from '../../domain/workflow-names.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import type { FreshNamespace } from '../servers/fresh-namespace.js';

const WORKFLOWS = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
const HURRIED_TIMERS = fileURLToPath(new URL('./hurried-timers.ts', import.meta.url));

/** Workers with the real workflows and scripted activities. */
export interface WorkflowsUnderTest extends FreshNamespace, TemporalClient {}

// Once a process, before anything of the SDK: a test that ends runs on purpose is not worth a warning.
const logger = new DefaultLogger('ERROR');
Runtime.install({
  logger,
  telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
});

let bundled: Promise<{ code: string }> | undefined;

/**
 * Polls all task queues of a namespace until it is closed.
 *
 * @param activities by name
 */
export async function workflowsUnderTest(
  { address, namespace }: FreshNamespace,
  activities: object,
): Promise<WorkflowsUnderTest> {
  bundled ??= bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    workflowInterceptorModules: [HURRIED_TIMERS],
    logger,
  });
  const workflowBundle = await bundled;
  const connection = await NativeConnection.connect({ address });
  const common = {
    ...{ connection, namespace },
    // cancelling arrives in the reply to a heartbeat
    maxHeartbeatThrottleInterval: 100,
    shutdownForceTime: 5_000,
  };
  const workers = [
    await Worker.create({ ...common, taskQueue: TASK_QUEUE, workflowBundle }),
    await Worker.create({ ...common, taskQueue: REST_TASK_QUEUE, activities }),
    await Worker.create({ ...common, taskQueue: STREAM_TASK_QUEUE, activities }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  const clientConnection = await Connection.connect({ address });
  return {
    ...{ address, namespace, connection: clientConnection },
    client: new Client({ connection: clientConnection, namespace }),
    async close() {
      for (const worker of workers) worker.shutdown();
      await running;
      await clientConnection.close();
      await connection.close();
    },
  };
}
