import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  backfillWorkflowId,
  type BackfillRequest,
  type BackfillResult,
} from '../../domain/backfill.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { TASK_QUEUE } from '../../domain/workflow-names.js';
import { freshNamespace } from '../servers/fresh-namespace.js';
import { cancelReached } from './cancel-reached.js';
import { gate } from './gate.js';
import { recordHistory } from './record-history.js';
import { ScriptedBackfill } from './scripted-backfill.js';
import { detailsOf } from './seen-by-people.js';
import { workflowsUnderTest, type WorkflowsUnderTest } from './workflows-under-test.js';

const REQUEST: BackfillRequest = {
  pairs: { kind: 'symbols', symbols: ['BTCUSDT', 'ETHUSDT'] },
  ...{ timeframes: TIMEFRAMES, span: { kind: 'days', days: 1 } },
  ...{ onlyFailed: false, dryRun: false },
};

let test_: WorkflowsUnderTest;
let script: ScriptedBackfill;

beforeAll(async () => {
  test_ = await workflowsUnderTest(await freshNamespace(), {
    planBackfill: (...args: Parameters<ScriptedBackfill['planBackfill']>) =>
      script.planBackfill(...args),
    backfillSymbol: (...args: Parameters<ScriptedBackfill['backfillSymbol']>) =>
      script.backfillSymbol(...args),
    recordFailed: (...args: Parameters<ScriptedBackfill['recordFailed']>) =>
      script.recordFailed(...args),
    wakeRepair: () => script.wakeRepair(),
  });
});
afterAll(() => test_.close());
beforeEach(() => {
  script = new ScriptedBackfill();
});

async function run(request: BackfillRequest): Promise<BackfillResult> {
  const handle = await test_.client.workflow.start('backfillWorkflow', {
    ...{ workflowId: backfillWorkflowId(request), taskQueue: TASK_QUEUE, args: [{ request }] },
  });
  return (await handle.result()) as BackfillResult;
}

it('wakes the repair once, after its last series', async () => {
  expect(await run(REQUEST)).toMatchObject({ status: 'done', candles: 2, requests: 3, failed: [] });
  expect(script.events.toSorted()).toEqual(['BTCUSDT', 'ETHUSDT', 'plan', 'wake']);
  expect(script.events.at(-1)).toBe('wake');
  const workflowId = backfillWorkflowId(REQUEST);
  const symbol = test_.client.workflow.getHandle(`${workflowId}/BTCUSDT`);
  expect(await detailsOf(symbol)).toMatch(/^\*\*SIMULATED\*\*[^]*\*\*BTCUSDT\*\* done/);
  await recordHistory('backfill-wakes-repair', { ...test_, workflowId });
});

it('wakes the repair for series that have failed, too', async () => {
  const lost = { symbol: 'ETHUSDT', timeframe: '5m', reason: 'HTTP 502' };
  script.before = ({ symbol, timeframes }) =>
    symbol === 'ETHUSDT' && timeframes.includes('5m')
      ? Promise.reject(
          ApplicationFailure.create({
            ...{ type: 'SeriesFailed', nonRetryable: true, details: [[lost]] },
          }),
        )
      : Promise.resolve();
  expect(await run(REQUEST)).toMatchObject({ status: 'partial', failed: [lost] });
  expect(script.events).toContain('ETHUSDT failed');
  expect(script.events.at(-1)).toBe('wake');
});

it('wakes nobody when it is to change nothing', async () => {
  const result = await run({ ...REQUEST, dryRun: true });
  expect(result.plan?.symbols.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT']);
  expect(script.events).toEqual(['plan']);
});

it('says that it was cancelled, and what to do', async () => {
  const atWork = gate();
  const goesOn = gate();
  script.before = () => {
    atWork.open();
    return goesOn.opened;
  };
  const handle = await test_.client.workflow.start('backfillWorkflow', {
    ...{ workflowId: backfillWorkflowId(REQUEST), taskQueue: TASK_QUEUE },
    args: [{ request: REQUEST }],
  });
  await atWork.opened;
  expect(await detailsOf(handle)).toContain('**running**: 0 of 2 symbols done');
  await handle.cancel();
  // both children must know before the activities end
  await cancelReached(
    test_.client,
    ['BTCUSDT', 'ETHUSDT'].map((symbol) => `${handle.workflowId}/${symbol}`),
  );
  goesOn.open();
  await expect(handle.result()).rejects.toThrow();
  const details = await detailsOf(handle);
  expect(details).toMatch(/^\*\*SIMULATED\*\*[^]*\*\*cancelled\*\*: . of 2 symbols done/);
  expect(details).not.toContain('running');
});
