import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { cancelled, Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, type ActivityFailure } from '@temporalio/common';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { wakeRepair } from '../../activities/repair/wake-repair.js';
import type { RepairCounts, RepairRun } from '../../domain/repair.js';
import {
  REPAIR_WORKFLOW_ID,
  REPAIR_WORKFLOW_TYPE,
  TASK_QUEUE,
  WAKE_REPAIR_SIGNAL,
} from '../../domain/workflow-names.js';
import { freshNamespace } from '../servers/fresh-namespace.js';
import { until } from '../stack/until.js';
import { gate } from './gate.js';
import { recordHistory } from './record-history.js';
import { detailsOf, phaseBecomes } from './seen-by-people.js';
import { workflowsUnderTest, type WorkflowsUnderTest } from './workflows-under-test.js';

/** What a run of the activity leaves for later ones. */
type Left = Pick<RepairRun, 'waiting' | 'dueInMs'>;

/** What a run of the activity does. */
const COUNTS: RepairCounts = { requests: 2, candles: 30, gaps: 4 };
const NOTHING_LEFT: Left = { waiting: 0 };
const HOUR = 3_600_000;

let test_: WorkflowsUnderTest;
/** Runs of the activity that have begun. */
let runs: number;
/** What a run of the activity comes to: answers, waits, or throws. */
let work: (run: number) => Left | Promise<Left>;

async function repairDue(): Promise<RepairRun> {
  const beats = setInterval(() => Context.current().heartbeat(), 100);
  try {
    const left = await Promise.race([Promise.resolve(work(++runs)), cancelled()]);
    return { ...COUNTS, ...left, source: 'simulated' };
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
  work = () => NOTHING_LEFT;
});

/** As the stream and the backfill wake it. @returns the run that the wake has started or reached */
async function wake(): Promise<WorkflowHandle> {
  await wakeRepair(test_.client);
  const { runId } = await test_.client.workflow.getHandle(REPAIR_WORKFLOW_ID).describe();
  return test_.client.workflow.getHandle(REPAIR_WORKFLOW_ID, runId);
}

async function begun(count: number): Promise<void> {
  await until(`run ${count}`, () => (runs >= count ? true : undefined));
}

/** What so many runs of the activity come to. */
function times(count: number): RepairCounts {
  const { requests, candles, gaps } = COUNTS;
  return { requests: count * requests, candles: count * candles, gaps: count * gaps };
}

/** How long each timer of a run was to last, ms. */
async function timersMs(handle: WorkflowHandle): Promise<number[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) =>
    timer ? [tsToMs(timer.startToFireTimeout)] : [],
  );
}

async function ending(handle: WorkflowHandle): Promise<unknown> {
  const failure: unknown = await handle.result().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(WorkflowFailedError);
  return (failure as WorkflowFailedError).cause;
}

it('ends when nothing will ever be due, however it was started', async () => {
  const first = await wake();
  expect(await first.result()).toEqual(COUNTS);
  expect(runs).toBe(1);
  expect(await detailsOf(first)).toMatch(/^\*\*SIMULATED\*\*[^]*\*\*finished\*\*/);
  await phaseBecomes(first, 'finished');
  // the next wake starts it anew
  expect(await (await wake()).result()).toEqual(COUNTS);
  expect(runs).toBe(2);
  const plain = await test_.client.workflow.start(REPAIR_WORKFLOW_TYPE, {
    ...{ workflowId: REPAIR_WORKFLOW_ID, taskQueue: TASK_QUEUE },
  });
  expect(await plain.result()).toEqual(COUNTS);
  expect(runs).toBe(3);
});

it('sleeps until the next gap is due, and asks then', async () => {
  work = (run) => (run === 1 ? { waiting: 7, dueInMs: 1_500 } : NOTHING_LEFT);
  const handle = await wake();
  await phaseBecomes(handle, 'waiting');
  expect(await detailsOf(handle)).toMatch(/\*\*waiting\*\*: 7 gaps .*first at 20\d\d-/);
  expect(await handle.result()).toEqual(times(2));
  expect(await timersMs(handle)).toEqual([1_500]);
});

it('sleeps some hours at most, and is woken before', async () => {
  work = (run) => (run === 1 ? { waiting: 1, dueInMs: 24 * HOUR } : NOTHING_LEFT);
  const handle = await wake();
  await phaseBecomes(handle, 'waiting');
  await wake();
  expect(await handle.result()).toEqual(times(2));
  expect(await timersMs(handle)).toEqual([3 * HOUR]);
  await recordHistory('repair-woken', { ...test_, workflowId: handle.workflowId });
});

it('is woken a hundred times by a flapping network and starts nothing twice', async () => {
  const first = gate();
  const waiting = { waiting: 3, dueInMs: HOUR };
  work = async (run) => {
    if (run === 1) await first.opened;
    return run < 3 ? waiting : NOTHING_LEFT;
  };
  const handle = await wake();
  await begun(1);
  await Promise.all(Array.from({ length: 100 }, wake));
  expect(runs).toBe(1);
  first.open();
  // one more run for all of them
  await phaseBecomes(handle, 'waiting');
  expect(runs).toBe(2);
  await handle.signal(WAKE_REPAIR_SIGNAL);
  expect(await handle.result()).toEqual(times(3));
  expect(runs).toBe(3);
});

it('goes on when it is woken meanwhile, though nothing is left by then', async () => {
  const [first, second] = [gate(), gate()];
  work = async (run) => {
    await [first, second][run - 1]?.opened;
    return NOTHING_LEFT;
  };
  const handle = await wake();
  await begun(1);
  await wake();
  first.open();
  await begun(2);
  await wake();
  second.open();
  expect(await handle.result()).toEqual(times(3));
  expect(await timersMs(handle)).toEqual([]);
  await recordHistory('repair-woken-meanwhile', { ...test_, workflowId: handle.workflowId });
});

it('never loses a wake that comes just as it ends', async () => {
  for (let i = 0; i < 15; i++) {
    const before = runs;
    const handle = await wake();
    await until('a run after the wake', () => (runs > before ? true : undefined));
    if (i % 3 === 2) await handle.result();
  }
});

it('ends with what nothing mends', async () => {
  work = () => {
    throw ApplicationFailure.nonRetryable('HTTP 403: region', 'GiveUpRun');
  };
  const cause = (await ending(await wake())) as ActivityFailure;
  expect(cause.cause).toMatchObject({ type: 'GiveUpRun', message: 'HTTP 403: region' });
});

it('when cancelled ends after its activity has', async () => {
  work = () => new Promise(() => undefined);
  const handle = await wake();
  await begun(1);
  await handle.cancel();
  expect(await ending(handle)).toBeInstanceOf(CancelledFailure);
  const { events } = await handle.fetchHistory();
  const closed = (events ?? []).filter((event) => event.activityTaskCanceledEventAttributes);
  expect(closed).toHaveLength(1);
  expect(runs).toBe(1);
});

it('when cancelled in its sleep ends at once', async () => {
  work = () => ({ waiting: 1, dueInMs: HOUR });
  const handle = await wake();
  await phaseBecomes(handle, 'waiting');
  await handle.cancel();
  expect(await ending(handle)).toBeInstanceOf(CancelledFailure);
  expect(runs).toBe(1);
});
