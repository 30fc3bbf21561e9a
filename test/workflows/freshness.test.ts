import { ScheduleOverlapPolicy, type ScheduleHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  FRESHNESS_SCHEDULE_ID,
  FRESHNESS_WORKFLOW_TYPE,
  type AlertNotice,
  type AlertState,
  type FreshnessReport,
} from '../../domain/freshness.js';
import { TASK_QUEUE } from '../../domain/workflow-names.js';
import { freshNamespace } from '../servers/fresh-namespace.js';
import { until } from '../stack/until.js';
import { recordHistory } from './record-history.js';
import { workflowsUnderTest, type WorkflowsUnderTest } from './workflows-under-test.js';

const BEHIND = { symbol: 'BTCUSDT', timeframe: '5m', newestMs: Date.UTC(2026, 0, 15) } as const;
const FRESH: FreshnessReport = {
  ...{ source: 'simulated', series: 2, behind: [] },
  ...{ streamSilentSinceMs: undefined, unreadable: undefined },
};
const STALE: FreshnessReport = { ...FRESH, behind: [BEHIND] };

let test_: WorkflowsUnderTest;
let schedule: ScheduleHandle;
/** What the check finds: a report, or it throws. */
let check: () => FreshnessReport;
let webhookAnswers: boolean;
/** Notices that were to be posted, whatever came of it. */
let posted: AlertNotice[];

const freshness = {
  checkFreshness: () => Promise.resolve().then(() => check()),
  sendAlert: (notice: AlertNotice) => {
    posted.push(notice);
    return webhookAnswers ? Promise.resolve() : Promise.reject(lasting('webhook: HTTP 503'));
  },
};

/** A failure that no attempt mends, so that no test waits for attempts. */
function lasting(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message);
}

beforeAll(async () => {
  test_ = await workflowsUnderTest(await freshNamespace(), freshness);
});
afterAll(() => test_.close());
beforeEach(async () => {
  check = () => FRESH;
  webhookAnswers = true;
  posted = [];
  schedule = await test_.client.schedule.create({
    scheduleId: FRESHNESS_SCHEDULE_ID,
    spec: {},
    action: {
      ...{ type: 'startWorkflow', workflowType: FRESHNESS_WORKFLOW_TYPE },
      ...{ workflowId: FRESHNESS_SCHEDULE_ID, taskQueue: TASK_QUEUE },
    },
  });
  return () => schedule.delete();
});

/** One more run of the Schedule. @returns what it hands on, and its id */
async function look(): Promise<{ readonly state: AlertState; readonly workflowId: string }> {
  const runs = async () => (await schedule.describe()).info.recentActions;
  const before = (await runs()).length;
  await schedule.trigger(ScheduleOverlapPolicy.BUFFER_ALL);
  const last = await until('a run', async () => {
    const all = await runs();
    return all.length > before ? all.at(-1) : undefined;
  });
  const { workflowId } = last.action.workflow;
  const handle = test_.client.workflow.getHandle(workflowId);
  return { state: (await handle.result()) as AlertState, workflowId };
}

const open = ['BTCUSDT 5m'];

it('tells a problem once when it begins and once when it is gone', async () => {
  expect((await look()).state).toMatchObject({ open: [], unsent: [] });
  check = () => STALE;
  expect((await look()).state).toMatchObject({ open, unsent: [] });
  expect((await look()).state).toMatchObject({ open, unsent: [] });
  expect(posted.map(({ status }) => status)).toEqual(['raised']);
  check = () => FRESH;
  expect((await look()).state).toMatchObject({ open: [], unsent: [] });
  expect(posted.map(({ status }) => status)).toEqual(['raised', 'recovered']);
});

it('keeps what the webhook does not take for the runs after it, in order', async () => {
  check = () => STALE;
  webhookAnswers = false;
  const first = (await look()).state;
  expect(first).toMatchObject({ open, unsent: [{ status: 'raised' }] });
  check = () => FRESH;
  const second = (await look()).state;
  expect(second).toMatchObject({
    ...{ open: [], unsent: [first.unsent[0], { status: 'recovered' }] },
  });
  // nothing is sent before what is older
  expect(posted).toEqual([first.unsent[0], first.unsent[0]]);
  webhookAnswers = true;
  posted = [];
  const { state, workflowId } = await look();
  expect(state).toMatchObject({ open: [], unsent: [] });
  expect(posted).toEqual(second.unsent);
  await recordHistory('freshness-sends-again', { ...test_, workflowId });
});

it('takes a check that cannot be made for a problem, and for no recovery of others', async () => {
  check = () => STALE;
  await look();
  check = () => {
    throw lasting('connect ECONNREFUSED');
  };
  const { state, workflowId } = await look();
  expect(state.open).toEqual([...open, 'check']);
  expect(posted.at(-1)).toMatchObject({
    status: 'raised',
    problems: [{ key: 'check', message: expect.stringContaining('ECONNREFUSED') as string }],
  });
  await recordHistory('freshness-unreadable', { ...test_, workflowId });
});
