import { WorkflowUpdateStage, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  streamWorkflowId,
  type StreamPairs,
  type StreamStatus,
  type SymbolsChange,
} from '../../domain/stream.js';
import { STREAM_LIVE_SIGNAL, TASK_QUEUE } from '../../domain/workflow-names.js';
import { startTemporalOfShortHistories } from '../servers/short-histories.js';
import { until } from '../stack/until.js';
import { recordHistory } from './record-history.js';
import { ScriptedStream } from './scripted-stream.js';
import { workflowsUnderTest, type WorkflowsUnderTest } from './workflows-under-test.js';

/** Events after which the server suggests to continue in a new history. */
const LONG_HISTORY = 60;

let server: TestWorkflowEnvironment;
let test_: WorkflowsUnderTest;
let stream: ScriptedStream;
/** Of whichever run is the latest. */
let handle: WorkflowHandle;
let firstRunId: string;

/** The scripted activities of the test that runs. */
const CURRENT = {
  planStream: (...args: Parameters<ScriptedStream['planStream']>) => stream.planStream(...args),
  runStream: (...args: Parameters<ScriptedStream['runStream']>) => stream.runStream(...args),
};

beforeAll(async () => {
  server = await startTemporalOfShortHistories(LONG_HISTORY);
  const address = { address: server.address, namespace: 'default' };
  test_ = await workflowsUnderTest(address, CURRENT);
});
afterAll(async () => {
  await test_.close();
  await server.teardown();
});
beforeEach(async () => {
  stream = new ScriptedStream();
  const pairs: StreamPairs = { kind: 'top', count: 2 };
  const workflowId = streamWorkflowId();
  const started = await test_.client.workflow.start('streamWorkflow', {
    ...{ workflowId, taskQueue: TASK_QUEUE, args: [{ request: { pairs } }] },
  });
  firstRunId = started.firstExecutionRunId;
  handle = test_.client.workflow.getHandle(workflowId);
  await until('live', async () => ((await status()).phase === 'live' ? true : undefined));
});
afterEach(async () => {
  await handle.terminate();
});

const status = (): Promise<StreamStatus> => handle.query<StreamStatus>('status');
const rotate = (): Promise<number> => handle.executeUpdate<number, []>('rotate');

/** Resolves when a run has followed the first, and data flows in it. */
async function continued(): Promise<void> {
  await until('another run', async () => {
    const { runId } = await handle.describe();
    if (runId === firstRunId) return undefined;
    return (await status()).phase === 'live' ? true : undefined;
  });
}

/** Makes the history longer than the server likes, by signals that change nothing. */
async function fillHistory(): Promise<void> {
  let events = 0;
  while (events < LONG_HISTORY) {
    await handle.signal(STREAM_LIVE_SIGNAL, 0);
    events = (await handle.describe()).historyLength;
  }
}

it('a long history goes on in a new one with its pairs, its plan and its rotations', async () => {
  expect(await rotate()).toBe(1);
  const before = await status();
  const planned = stream.planned.length;
  await fillHistory();
  await continued();
  expect(await status()).toEqual(before);
  expect(stream.planned).toHaveLength(planned);
  // the activity was drained, and begins again with the same symbols
  expect(stream.inOrder('drained 2', 'start 3')).toBe(true);
  expect(stream.tasks[2]).toEqual({ ...stream.tasks[1], generation: 3 });
  expect(await rotate()).toBe(2);
  await recordHistory('stream-continued-as-new', {
    ...test_,
    ...{ workflowId: handle.workflowId, runId: firstRunId },
  });
});

it('updates that wait when a history is continued are answered', async () => {
  let openLive = (): void => undefined;
  const live = new Promise<void>((resolve) => (openLive = resolve));
  let openPlan = (): void => undefined;
  const plan = new Promise<void>((resolve) => (openPlan = resolve));
  stream.beforeLive = () => live;
  stream.beforePlan = () => plan;
  const accepted = { waitForStage: WorkflowUpdateStage.ACCEPTED } as const;
  const first = await handle.startUpdate<number, []>('rotate', accepted);
  await until('the successor', () => (stream.has('start 2') ? true : undefined));
  const second = await handle.startUpdate<number, []>('rotate', accepted);
  const change = await handle.startUpdate<SymbolsChange, [StreamPairs]>('setSymbols', {
    ...{ args: [{ kind: 'symbols', symbols: ['S1USDT', 'X'] }], ...accepted },
  });
  await fillHistory();
  openLive();
  expect(await first.result()).toBe(1);
  expect(await second.result()).toBe(1);
  openPlan();
  expect(await change.result()).toMatchObject({ added: ['X'], removed: ['S0USDT'] });
  await continued();
  // and what they changed is kept
  expect(await status()).toMatchObject({
    ...{ symbols: ['S1USDT', 'X'], rotations: 1 },
    pairs: { kind: 'symbols', symbols: ['S1USDT', 'X'] },
  });
  expect(stream.tasks.at(-1)).toMatchObject({ symbols: ['S1USDT', 'X'] });
});
