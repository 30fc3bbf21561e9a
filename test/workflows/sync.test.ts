import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SyncActivities } from '../../activities/sync/types.js';
import { backfillWorkflowId, type BackfillRequest } from '../../domain/backfill.js';
import {
  syncScheduleId,
  SYNC_WORKFLOW_TYPE,
  type StreamWish,
  type SyncOutcome,
  type SyncRequest,
  type SyncResult,
} from '../../domain/sync.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { TASK_QUEUE } from '../../domain/workflow-names.js';
import { freshNamespace } from '../servers/fresh-namespace.js';
import { gate } from './gate.js';
import { recordHistory } from './record-history.js';
import { ScriptedBackfill } from './scripted-backfill.js';
import { detailsOf, phaseBecomes } from './seen-by-people.js';
import { workflowsUnderTest, type WorkflowsUnderTest } from './workflows-under-test.js';

const REQUEST: SyncRequest = {
  ...{ timeframe: '5m', pairs: { kind: 'top', count: 3 }, days: 30, withStream: true },
};
const RESULT: SyncResult = {
  ...{ status: 'done', source: 'simulated', timeframe: '5m', venueTimeMs: Date.UTC(2026, 0, 15) },
  ...{ series: 3, candles: 9, revised: 1, requests: 3, seconds: 1, behindMs: 900_000, lagMs: 0 },
  ...{ failed: [], unlisted: [], sealed: [] },
};
const WISH: StreamWish = { pairs: REQUEST.pairs, symbols: ['BTCUSDT', 'NEW1USDT', 'NEW2USDT'] };

let test_: WorkflowsUnderTest;
let outcome: SyncOutcome;
let synced: SyncRequest[];
let wishes: StreamWish[];
let backfill: ScriptedBackfill;

const sync: SyncActivities = {
  syncTimeframe: (request) => {
    synced.push(request);
    return Promise.resolve(outcome);
  },
  adaptStream: (wish) => {
    wishes.push(wish);
    return Promise.resolve();
  },
};

beforeAll(async () => {
  test_ = await workflowsUnderTest(await freshNamespace(), {
    ...sync,
    planBackfill: (request: BackfillRequest) => backfill.planBackfill(request),
    backfillSymbol: (...args: Parameters<ScriptedBackfill['backfillSymbol']>) =>
      backfill.backfillSymbol(...args),
    wakeRepair: () => backfill.wakeRepair(),
  });
});
afterAll(() => test_.close());
beforeEach(() => {
  outcome = { result: RESULT, newcomers: [], stream: undefined };
  synced = [];
  wishes = [];
  backfill = new ScriptedBackfill();
});

function start(): Promise<WorkflowHandle> {
  return test_.client.workflow.start(SYNC_WORKFLOW_TYPE, {
    ...{ workflowId: syncScheduleId('5m'), taskQueue: TASK_QUEUE, args: [REQUEST] },
  });
}

it('starts one backfill of the pairs that are new, leaves it, and adapts the stream', async () => {
  const history = gate();
  backfill.before = () => history.opened;
  outcome = { result: RESULT, newcomers: ['NEW1USDT', 'NEW2USDT'], stream: WISH };
  const handle = await start();
  expect(await handle.result()).toEqual(RESULT);
  expect(synced).toEqual([REQUEST]);
  expect(wishes).toEqual([WISH]);
  expect(await detailsOf(handle)).toContain('their history is being loaded: NEW1USDT, NEW2USDT');
  await phaseBecomes(handle, 'finished');
  await recordHistory('sync-with-newcomers', { ...test_, workflowId: handle.workflowId });

  // the next sync finds them new still, and their backfill at work
  const next = await start();
  expect(await next.result()).toEqual(RESULT);
  await recordHistory('sync-with-a-running-backfill', {
    ...{ ...test_, workflowId: next.workflowId },
  });
  const request: BackfillRequest = {
    pairs: { kind: 'symbols', symbols: ['NEW1USDT', 'NEW2USDT'] },
    ...{ timeframes: TIMEFRAMES, span: { kind: 'days', days: 30 } },
    ...{ onlyFailed: false, dryRun: false },
  };
  const child = test_.client.workflow.getHandle(backfillWorkflowId(request));
  history.open();
  expect(await child.result()).toMatchObject({ status: 'done', candles: 2 });
  expect(backfill.planned).toEqual([request]);
});

it('leaves all else alone when nothing is new', async () => {
  const reason = 'HTTP 502';
  const failed = [{ symbol: 'BTCUSDT', timeframe: '5m', reason }] as const;
  const unlisted = Array.from({ length: 23 }, (_, i) => `OLD${i}USDT`);
  outcome = { ...outcome, result: { ...RESULT, status: 'partial', failed, unlisted } };
  const handle = await start();
  expect(await handle.result()).toEqual(outcome.result);
  expect(wishes).toEqual([]);
  expect(backfill.planned).toEqual([]);
  const details = await detailsOf(handle);
  expect(details).toContain(`Failed: BTCUSDT: \`${reason}\``);
  expect(details).toMatch(/^Not listed: OLD0USDT, .*, OLD19USDT and 3 more$/m);
  await phaseBecomes(handle, 'partial');
});
