import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, type ActivityFailure } from '@temporalio/common';
import { cancelled, Context } from '@temporalio/activity';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { RepairCounts } from '../../domain/repair.js';
import {
  REPAIR_WORKFLOW_ID,
  REPAIR_WORKFLOW_TYPE,
  TASK_QUEUE,
  WAKE_REPAIR_SIGNAL,
} from '../../domain/workflow-names.js';
import { freshNamespace } from '../servers/fresh-namespace.js';
import { until } from '../stack/until.js';
import { recordHistory } from './record-history.js';
import { workflowsUnderTest, type WorkflowsUnderTest } from './workflows-under-test.js';

const COUNTS: RepairCounts = { requests: 2, candles: 30, gaps: 4 };

let test_: WorkflowsUnderTest;
let runs: number;
/** What an attempt at the gaps does before it is done. */
let work: (run: number) => void | Promise<void>;

async function repairDue(): Promise<RepairCounts> {
  const beats = setInterval(() => Context.current().heartbeat(), 100);
  try {
    await Promise.race([Promise.resolve(work(++runs)), cancelled()]);
    return COUNTS;
  } finally {
    clearInterval(beats);
  }
}

beforeAll(async () => {
  test_ = await workflowsUnderTest(await freshNamespace(), { repairDue });
});
afterAll(() => test_.close());
beforeEach(() => {
  runs = 0;
  work = () => undefined;
});

/** As the stream wakes it. */
function wake(): Promise<WorkflowHandle> {
  return test_.client.workflow.signalWithStart(REPAIR_WORKFLOW_TYPE, {
    ...{ workflowId: REPAIR_WORKFLOW_ID, taskQueue: TASK_QUEUE },
    ...{ signal: WAKE_REPAIR_SIGNAL, signalArgs: [] },
  });
}

async function attempts(count: number): Promise<void> {
  await until(`${count} attempts`, () => (runs >= count ? true : undefined));
}

/** A promise that the test resolves. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

it('works the gaps off once and ends, however it was started', async () => {
  expect(await (await wake()).result()).toEqual(COUNTS);
  expect(runs).toBe(1);
  // the next wake starts it anew
  expect(await (await wake()).result()).toEqual(COUNTS);
  expect(runs).toBe(2);
  const plain = await test_.client.workflow.start(REPAIR_WORKFLOW_TYPE, {
    ...{ workflowId: REPAIR_WORKFLOW_ID, taskQueue: TASK_QUEUE },
  });
  expect(await plain.result()).toEqual(COUNTS);
  expect(runs).toBe(3);
});

it('goes on when it is woken meanwhile, once for any number of wakes', async () => {
  const first = gate();
  const second = gate();
  work = (run) => (run === 1 ? first.opened : second.opened);
  const handle = await wake();
  await attempts(1);
  for (let i = 0; i < 3; i++) await wake();
  first.open();
  await attempts(2);
  await wake();
  second.open();
  expect(await handle.result()).toEqual({ requests: 6, candles: 90, gaps: 12 });
  expect(runs).toBe(3);
  await recordHistory('repair-woken', { ...test_, workflowId: handle.workflowId });
});

it('never loses a wake that comes just as it ends', async () => {
  // each wake comes after an attempt began, so another attempt must begin after it
  let began = 0;
  work = () => {
    began = runs;
  };
  for (let i = 0; i < 15; i++) {
    const before = began;
    const handle = await wake();
    await until('an attempt after the wake', () => (began > before ? true : undefined));
    if (i % 3 === 0) await handle.result();
  }
});

it('ends with what nothing mends', async () => {
  work = () => {
    throw ApplicationFailure.nonRetryable('HTTP 403: region', 'GiveUpRun');
  };
  const handle = await wake();
  const failure: unknown = await handle.result().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(WorkflowFailedError);
  const { cause } = failure as WorkflowFailedError;
  expect((cause as ActivityFailure).cause).toMatchObject({ type: 'GiveUpRun' });
});

it('when cancelled ends after its activity has', async () => {
  work = () => gate().opened;
  const handle = await wake();
  await attempts(1);
  await handle.cancel();
  const failure: unknown = await handle.result().catch((error: unknown) => error);
  expect((failure as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
  expect(runs).toBe(1);
});
