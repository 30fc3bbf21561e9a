import { afterAll, beforeAll, expect, it } from 'vitest';
import type { VerifyActivities } from '../../activities/verify/types.js';
import {
  verifyWorkflowId,
  type VenueCheckRequest,
  type VenueCheckResult,
} from '../../domain/verify.js';
import { TASK_QUEUE, VERIFY_WORKFLOW_TYPE } from '../../domain/workflow-names.js';
import { freshNamespace } from '../servers/fresh-namespace.js';
import { recordHistory } from './record-history.js';
import { detailsOf, phaseBecomes } from './seen-by-people.js';
import { workflowsUnderTest, type WorkflowsUnderTest } from './workflows-under-test.js';

const REQUEST: VenueCheckRequest = { stretches: 3, seed: 7, symbols: ['BTCUSDT', 'ETHUSDT'] };
const PERIOD = { fromMs: Date.UTC(2026, 0, 15), toMs: Date.UTC(2026, 0, 15, 0, 5) };
const RESULT: VenueCheckResult = {
  source: 'simulated',
  ...{ stretches: 3, candles: 2_400, requests: 3, different: 1, amended: 2 },
  differences: [
    {
      ...{ symbol: 'BTCUSDT', timeframe: '5m', check: 'venue', period: PERIOD },
      ...{ expected: 'close 101', found: 'close 102' },
    },
  ],
  unanswered: [{ symbol: 'ETHUSDT', timeframe: '1h', reason: 'HTTP 502' }],
};

let test_: WorkflowsUnderTest;
const asked: VenueCheckRequest[] = [];
const verify: VerifyActivities = {
  compareWithVenue: (request) => {
    asked.push(request);
    return Promise.resolve(RESULT);
  },
};

beforeAll(async () => {
  test_ = await workflowsUnderTest(await freshNamespace(), verify);
});
afterAll(() => test_.close());

it('returns what the exchange says to stored candles', async () => {
  const workflowId = verifyWorkflowId(REQUEST);
  const handle = await test_.client.workflow.start(VERIFY_WORKFLOW_TYPE, {
    ...{ workflowId, taskQueue: TASK_QUEUE, args: [REQUEST] },
  });
  expect(await handle.result()).toEqual(RESULT);
  expect(asked).toEqual([REQUEST]);
  expect(await detailsOf(handle)).toMatch(
    /^\*\*SIMULATED\*\*[^]*\*\*finished\*\*: 3 stretches, 2,400 candles: 1 differ, 2 may still/,
  );
  await phaseBecomes(handle, 'finished');
  await recordHistory('verify', { ...test_, workflowId });
});
