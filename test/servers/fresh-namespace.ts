import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureSearchAttributes } from '../../runtime/search-attributes.js';
import { testServers } from './test-servers.js';

const POLL_MS = 50;
const TIMEOUT_MS = 90_000;

/** How to connect to a Temporal namespace of one's own. */
export interface FreshNamespace {
  readonly address: string;
  readonly namespace: string;
}

/**
 * Creates a namespace with the collector's search attributes, for tests that use its fixed task
 * queues, workflow IDs and Schedules. Tests with names of their own can share
 * `testServers().temporal`.
 *
 * @param address of the server; default: that of the test run
 */
export async function freshNamespace(
  address = testServers().temporal.address,
): Promise<FreshNamespace> {
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    await untilDone(() => ensureSearchAttributes({ connection, namespace }));
    await untilDone(() =>
      connection.workflowService.listWorkflowExecutions({
        namespace,
        query: 'CollectorKind = "x"',
      }),
    );
  } finally {
    await connection.close();
  }
  return { address, namespace };
}

/** A task queue (or workflow ID) that no other test uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomUUID()}`;
}

/** The server learns of a new namespace a moment after it was registered. */
async function untilDone(call: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    try {
      await call();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(POLL_MS);
    }
  }
}
