import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type {
  RetentionActivities,
  RetentionOrder,
  RetentionSlice,
} from '../../activities/retention/types.js';
import type { RetentionProgress, RetentionResult, RetentionTally } from '../../domain/retention.js';
import type { Series } from '../../domain/series.js';
import {
  RETENTION_SCHEDULE_ID,
  RETENTION_WORKFLOW_TYPE,
  TASK_QUEUE,
} from '../../domain/workflow-names.js';
import { freshNamespace } from '../servers/fresh-namespace.js';
import { gate } from './gate.js';
import { recordHistory } from './record-history.js';
import { detailsOf, phaseBecomes } from './seen-by-people.js';
import { workflowsUnderTest, type WorkflowsUnderTest } from './workflows-under-test.js';

const HORIZON = Date.UTC(2026, 0, 15);
const DAY = 86_400_000;
const RULE = { timeframe: '5m', keepMs: 30 * DAY, horizonMs: HORIZON } as const;
const LAST: Series = { symbol: 'BTCUSDT', timeframe: '5m' };

let test_: WorkflowsUnderTest;
let order: RetentionOrder;
let slices: RetentionSlice[];
/** Where each slice was to go on. */
let slicedAfter: (Series | undefined)[];
/** Runs before a slice is answered. */
let beforeSlice: (number: number) => Promise<void>;

const retention: RetentionActivities = {
  beginRetention: (dryRun) => Promise.resolve({ ...order, dryRun }),
  retainSlice: async (_, after) => {
    slicedAfter.push(after);
    await beforeSlice(slicedAfter.length);
    const slice = slices[slicedAfter.length - 1];
    if (slice === undefined) throw new Error('a slice too many');
    return slice;
  },
};

function tally(days: number, held: RetentionTally['held'] = []): RetentionTally {
  const gone = { symbols: days > 0 ? 1 : 0, days, candles: days * 288 };
  return { timeframe: '5m', horizonMs: HORIZON, ...gone, held };
}

beforeAll(async () => {
  test_ = await workflowsUnderTest(await freshNamespace(), retention);
});
afterAll(() => test_.close());
beforeEach(() => {
  order = { dryRun: false, source: 'simulated', databaseId: 'db', rules: [RULE] };
  slices = [];
  slicedAfter = [];
  beforeSlice = () => Promise.resolve();
});

const start = (dryRun: boolean) =>
  test_.client.workflow.start(RETENTION_WORKFLOW_TYPE, {
    ...{ workflowId: RETENTION_SCHEDULE_ID, taskQueue: TASK_QUEUE, args: [{ dryRun }] },
  });

it('goes on slice by slice, adds them up, and tells how far it is', async () => {
  const example = { symbol: 'ETHUSDT', dayMs: HORIZON - DAY };
  const held = { timeframe: '1h', fault: 'missing', days: 2, candles: 576, example } as const;
  slices = [
    { after: LAST, tallies: [tally(3)], done: false },
    { tallies: [tally(0, [held])], done: true },
  ];
  const second = gate();
  const reached = gate();
  beforeSlice = async (number) => {
    if (number === 1) return;
    reached.open();
    await second.opened;
  };
  const handle = await start(false);
  await reached.opened;
  expect(await handle.query<RetentionProgress>('progress')).toEqual({
    ...{ phase: 'running', dryRun: false, source: 'simulated', tallies: [tally(3)] },
  });
  await phaseBecomes(handle, 'running');
  second.open();
  const result = (await handle.result()) as RetentionResult;
  const both = { ...tally(3), held: [held] };
  expect(result).toMatchObject({ dryRun: false, source: 'simulated', tallies: [both] });
  expect(slicedAfter).toEqual([undefined, LAST]);
  expect(await detailsOf(handle)).toContain('2 days left because 1h is not stored');
  await phaseBecomes(handle, 'finished');
  await recordHistory('retention', { ...test_, workflowId: handle.workflowId });
});

it('looks at nothing when all is kept', async () => {
  order = { ...order, rules: [] };
  const handle = await start(true);
  expect(await handle.result()).toMatchObject({ dryRun: true, tallies: [] });
  expect(slicedAfter).toEqual([]);
  expect(await detailsOf(handle)).toContain('all is kept');
});
