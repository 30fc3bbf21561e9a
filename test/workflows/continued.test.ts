import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { wakeRepair } from '../../activities/repair/wake-repair.js';
import type {
  RetentionActivities,
  RetentionOrder,
  RetentionSlice,
} from '../../activities/retention/types.js';
import type { RepairRun } from '../../domain/repair.js';
import type { RetentionResult, RetentionTally } from '../../domain/retention.js';
import type { Series } from '../../domain/series.js';
import {
  REPAIR_WORKFLOW_ID,
  RETENTION_SCHEDULE_ID,
  RETENTION_WORKFLOW_TYPE,
  TASK_QUEUE,
} from '../../domain/workflow-names.js';
import { startTemporalOfShortHistories } from '../servers/short-histories.js';
import { recordHistory } from './record-history.js';
import { detailsOf } from './seen-by-people.js';
import { workflowsUnderTest, type WorkflowsUnderTest } from './workflows-under-test.js';

/** Events after which the server suggests to continue in a new history. */
const LONG_HISTORY = 12;
const HORIZON = Date.UTC(2026, 0, 15);
const DAY = 86_400_000;
const SLICES = 5;

/** A day of one symbol. */
const DAY_GONE: RetentionTally = {
  ...{ timeframe: '5m', horizonMs: HORIZON, symbols: 1, days: 1, candles: 288, held: [] },
};
const ORDER: RetentionOrder = {
  ...{ dryRun: false, source: 'simulated', databaseId: 'db' },
  rules: [{ timeframe: '5m', keepMs: 30 * DAY, horizonMs: HORIZON }],
};

let server: TestWorkflowEnvironment;
let test_: WorkflowsUnderTest;
let repairs = 0;
/** What the Web UI says while each run of the activity is at work. */
const repairSaid: string[] = [];
let begins = 0;
const orders: RetentionOrder[] = [];
/** Where each slice was to go on. */
const slicedAfter: (Series | undefined)[] = [];

async function repairDue(): Promise<RepairRun> {
  repairSaid.push(await detailsOf(test_.client.workflow.getHandle(REPAIR_WORKFLOW_ID)));
  const run = { source: 'simulated', requests: 2, candles: 30, gaps: 4 };
  return ++repairs < 3 ? { ...run, waiting: 1, dueInMs: 1 } : { ...run, waiting: 0 };
}

const retention: RetentionActivities = {
  beginRetention: () => {
    begins++;
    return Promise.resolve(ORDER);
  },
  retainSlice: (order, after): Promise<RetentionSlice> => {
    orders.push(order);
    slicedAfter.push(after);
    const done = slicedAfter.length === SLICES;
    return Promise.resolve({ after: sliced(slicedAfter.length), tallies: [DAY_GONE], done });
  },
};

function sliced(number: number): Series {
  return { symbol: `S${number}USDT`, timeframe: '5m' };
}

beforeAll(async () => {
  server = await startTemporalOfShortHistories(LONG_HISTORY);
  const address = { address: server.address, namespace: 'default' };
  test_ = await workflowsUnderTest(address, { repairDue, ...retention });
});
afterAll(async () => {
  await test_.close();
  await server.teardown();
});

/** Keeps the history of the first of at least two runs. */
async function recordFirst(name: string, { workflowId }: WorkflowHandle): Promise<void> {
  const { raw, runId } = await test_.client.workflow.getHandle(workflowId).describe();
  const first = raw.workflowExecutionInfo?.firstRunId ?? '';
  expect(first).not.toBe(runId);
  await recordHistory(name, { ...test_, workflowId, runId: first });
}

it('a long history of the repair goes on in a new one, with its counts and its source', async () => {
  await wakeRepair(test_.client);
  const handle = test_.client.workflow.getHandle(REPAIR_WORKFLOW_ID);
  expect(await handle.result()).toEqual({ requests: 6, candles: 90, gaps: 12 });
  expect(repairs).toBe(3);
  const saysSimulated = repairSaid.map((details) => details.startsWith('**SIMULATED**'));
  expect(saysSimulated).toEqual([false, true, true]);
  await recordFirst('repair-continued-as-new', handle);
});

it('a long history of the retention goes on where it was, by the same order', async () => {
  const handle = await test_.client.workflow.start(RETENTION_WORKFLOW_TYPE, {
    ...{ workflowId: RETENTION_SCHEDULE_ID, taskQueue: TASK_QUEUE, args: [{ dryRun: false }] },
  });
  const result = (await handle.result()) as RetentionResult;
  const gone = { ...DAY_GONE, symbols: SLICES, days: SLICES, candles: SLICES * 288 };
  expect(result).toMatchObject({ dryRun: false, source: 'simulated', tallies: [gone] });
  expect(begins).toBe(1);
  expect(orders).toEqual(Array.from({ length: SLICES }, () => ORDER));
  const before = Array.from({ length: SLICES - 1 }, (_, i) => sliced(i + 1));
  expect(slicedAfter).toEqual([undefined, ...before]);
  await recordFirst('retention-continued-as-new', handle);
});
