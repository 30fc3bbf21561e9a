import {
  WithStartWorkflowOperation,
  WorkflowFailedError,
  WorkflowUpdateFailedError,
  WorkflowUpdateStage,
  type WorkflowHandle,
} from '@temporalio/client';
import { ActivityFailure, CancelledFailure, type ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  streamWorkflowId,
  type StreamPairs,
  type StreamStatus,
  type SymbolsChange,
} from '../../domain/stream.js';
import { TASK_QUEUE } from '../../domain/workflow-names.js';
import { freshNamespace } from '../servers/fresh-namespace.js';
import { until } from '../stack/until.js';
import { gate } from './gate.js';
import { HURRY } from './hurried-timers.js';
import { recordHistory } from './record-history.js';
import { ScriptedStream } from './scripted-stream.js';
import { phaseBecomes } from './seen-by-people.js';
import { workflowsUnderTest, type WorkflowsUnderTest } from './workflows-under-test.js';

/** Turns the two minutes that a successor may take into less than a second. */
const IMPATIENT = { [HURRY]: 150 };
/** Turns the day after which an activity is replaced into two seconds. */
const DAY_IN_SECONDS = { [HURRY]: 43_200 };

let test_: WorkflowsUnderTest;
let stream: ScriptedStream;
let handle: WorkflowHandle;

/** The scripted activities of the test that runs. */
const CURRENT = {
  planStream: (...args: Parameters<ScriptedStream['planStream']>) => stream.planStream(...args),
  runStream: (...args: Parameters<ScriptedStream['runStream']>) => stream.runStream(...args),
};

beforeAll(async () => {
  test_ = await workflowsUnderTest(await freshNamespace(), CURRENT);
});
afterAll(() => test_.close());
beforeEach(() => {
  stream = new ScriptedStream();
});
afterEach(async () => {
  stream.drain = () => Promise.resolve();
  await handle.terminate().catch(() => undefined);
});

function symbols(...names: string[]): StreamPairs {
  return { kind: 'symbols', symbols: names };
}

async function start(pairs: StreamPairs = symbols('A', 'B'), memo: object = {}): Promise<void> {
  handle = await test_.client.workflow.start('streamWorkflow', {
    ...{ workflowId: streamWorkflowId(), taskQueue: TASK_QUEUE, args: [{ request: { pairs } }] },
    memo: { ...memo },
  });
}

const status = (): Promise<StreamStatus> => handle.query<StreamStatus>('status');

async function phase(wanted: StreamStatus['phase']): Promise<void> {
  await until(wanted, async () => ((await status()).phase === wanted ? true : undefined));
}

async function happened(event: string): Promise<void> {
  await until(event, () => (stream.has(event) ? true : undefined));
}

const setSymbols = (...names: string[]): Promise<SymbolsChange> =>
  handle.executeUpdate<SymbolsChange, [StreamPairs]>('setSymbols', { args: [symbols(...names)] });
const rotate = (): Promise<number> => handle.executeUpdate<number, []>('rotate');

/** How many activities of this type the run has asked for. */
async function scheduled(type: string): Promise<number> {
  const { events = [] } = await handle.fetchHistory();
  const types = events?.map((event) => event.activityTaskScheduledEventAttributes?.activityType);
  return types?.filter((each) => each?.name === type).length ?? 0;
}

/** What the run ended with. */
async function ending(): Promise<unknown> {
  return handle.result().then(
    () => 'completed',
    (error: unknown) => (error instanceof WorkflowFailedError ? error.cause : error),
  );
}

/** Cancels, and waits for the end. */
async function cancel(): Promise<void> {
  await handle.cancel();
  expect(await ending()).toBeInstanceOf(CancelledFailure);
}

describe('planning', () => {
  it('that nothing mends ends the run with its cause', async () => {
    stream.beforePlan = () => stream.refuse('unknown symbol NOPEUSDT');
    await start(symbols('NOPEUSDT'));
    const failure = await ending();
    expect(failure).toBeInstanceOf(ActivityFailure);
    const cause = (failure as ActivityFailure).cause as ApplicationFailure;
    expect([cause.type, cause.message]).toEqual(['WrongUse', 'unknown symbol NOPEUSDT']);
    expect(stream.events).toEqual(['plan']);
  });

  it('is over once data flows, which the phase and the search attribute tell', async () => {
    const plan = gate();
    const live = gate();
    stream.beforePlan = () => plan.opened;
    stream.beforeLive = () => live.opened;
    const began = Date.now();
    await start({ kind: 'top', count: 3 });
    await happened('plan');
    expect(await status()).toMatchObject({ phase: 'planning', source: '', symbols: [] });
    plan.open();
    await happened('start 1');
    expect((await status()).phase).toBe('connecting');
    live.open();
    await phase('live');
    const told = await status();
    expect(told).toMatchObject({
      source: 'simulated',
      pairs: { kind: 'top', count: 3 },
      symbols: ['S0USDT', 'S1USDT', 'S2USDT'],
      rotations: 0,
    });
    expect(Math.abs(told.startedAtMs - began)).toBeLessThan(10_000);
    expect(stream.tasks).toEqual([{ symbols: told.symbols, databaseId: 'db', generation: 1 }]);
    await phaseBecomes(handle, 'live');
    await cancel();
  });
});

describe('setSymbols', () => {
  it('goes over to the new set through a successor and tells the difference', async () => {
    await start(symbols('A', 'B'));
    await phase('live');
    expect(await setSymbols('B', 'C')).toEqual({
      added: ['C'],
      removed: ['A'],
      symbols: ['B', 'C'],
    });
    await happened('drained 1');
    expect(stream.inOrder('live 2', 'cancel 1')).toBe(true);
    expect(stream.tasks[1]).toMatchObject({ symbols: ['B', 'C'], generation: 2 });
    await until('the rotation', async () => ((await status()).rotations === 1 ? true : undefined));
    expect(await status()).toMatchObject({
      pairs: symbols('B', 'C'),
      symbols: ['B', 'C'],
      phase: 'live',
    });
    await rotate();
    await cancel();
    await recordHistory('stream-changed-and-rotated', { ...test_, workflowId: handle.workflowId });
  });

  it('with the same set changes nothing', async () => {
    await start(symbols('A', 'B'));
    await phase('live');
    expect(await setSymbols('B', 'A')).toMatchObject({ added: [], removed: [] });
    expect(await rotate()).toBe(1);
    expect(stream.tasks).toHaveLength(2);
    await cancel();
  });

  it('that nothing mends fails alone and changes nothing', async () => {
    await start(symbols('A'));
    await phase('live');
    stream.beforePlan = () => stream.refuse('unknown symbol NOPEUSDT');
    const failure: unknown = await setSymbols('NOPEUSDT').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WorkflowUpdateFailedError);
    const { cause } = failure as WorkflowUpdateFailedError;
    expect((cause as ActivityFailure).cause).toMatchObject({ type: 'WrongUse' });
    expect(await status()).toMatchObject({
      ...{ phase: 'live', symbols: ['A'], pairs: symbols('A'), rotations: 0 },
    });
    // and the next one goes on from there
    stream.beforePlan = () => undefined;
    expect(await setSymbols('A', 'B')).toMatchObject({ added: ['B'], removed: [] });
    expect(stream.has('cancel 1')).toBe(false);
    await cancel();
  });

  it('twice at once is done one after the other', async () => {
    await start(symbols('A'));
    await phase('live');
    const plan = gate();
    stream.beforePlan = () => plan.opened;
    const accepted = { waitForStage: WorkflowUpdateStage.ACCEPTED } as const;
    const first = await handle.startUpdate<SymbolsChange, [StreamPairs]>('setSymbols', {
      ...{ args: [symbols('A', 'B')], ...accepted },
    });
    const second = await handle.startUpdate<SymbolsChange, [StreamPairs]>('setSymbols', {
      ...{ args: [symbols('B', 'C')], ...accepted },
    });
    // the second is taken, and has not begun
    expect(await scheduled('planStream')).toBe(2);
    plan.open();
    expect(await first.result()).toMatchObject({ added: ['B'], removed: [] });
    expect(await second.result()).toMatchObject({ added: ['C'], removed: ['A'] });
    await until('the last set', () => (stream.tasks.at(-1)?.symbols[1] === 'C' ? true : undefined));
    expect(await status()).toMatchObject({ symbols: ['B', 'C'] });
    await cancel();
  });

  it('while the first set is being planned comes after it', async () => {
    const plan = gate();
    stream.beforePlan = (pairs) => {
      if (stream.planned.length === 1 && pairs.kind === 'symbols') return plan.opened;
      return undefined;
    };
    await start(symbols('A'));
    await happened('plan');
    const update = await handle.startUpdate<SymbolsChange, [StreamPairs]>('setSymbols', {
      args: [symbols('B')],
      waitForStage: WorkflowUpdateStage.ACCEPTED,
    });
    plan.open();
    expect(await update.result()).toEqual({ added: ['B'], removed: ['A'], symbols: ['B'] });
    await until('the new set', () => (stream.tasks.at(-1)?.symbols[0] === 'B' ? true : undefined));
    expect(await status()).toMatchObject({ symbols: ['B'], pairs: symbols('B') });
    await cancel();
  });
});

describe('setSymbols that comes with the start', () => {
  it('is taken once the stream is planned', async () => {
    const startWorkflowOperation = new WithStartWorkflowOperation('streamWorkflow', {
      ...{ workflowId: streamWorkflowId(), taskQueue: TASK_QUEUE },
      args: [{ request: { pairs: symbols('A') } }],
      workflowIdConflictPolicy: 'FAIL',
    });
    const change = await test_.client.workflow.executeUpdateWithStart('setSymbols', {
      ...{ args: [symbols('B')], startWorkflowOperation },
    });
    handle = await startWorkflowOperation.workflowHandle();
    expect(change).toEqual({ added: ['B'], removed: ['A'], symbols: ['B'] });
    await phase('live');
    expect(stream.tasks).toMatchObject([{ symbols: ['B'], generation: 1 }]);
    expect(await status()).toMatchObject({ symbols: ['B'], rotations: 0 });
    await cancel();
  });
});

describe('rotate', () => {
  it('lets the successor be live before the old activity ends', async () => {
    await start();
    await phase('live');
    const live = gate();
    stream.beforeLive = () => live.opened;
    const rotated = rotate();
    await happened('start 2');
    await phase('rotating');
    expect(stream.has('cancel 1')).toBe(false);
    live.open();
    expect(await rotated).toBe(1);
    expect(stream.inOrder('live 2', 'cancel 1')).toBe(true);
    expect(stream.has('drained 1')).toBe(true);
    expect(await status()).toMatchObject({ phase: 'live', rotations: 1 });
    expect(await rotate()).toBe(2);
    expect(stream.inOrder('live 3', 'cancel 2')).toBe(true);
    await cancel();
  });

  it('is answered when its own rotation is done, though another one is just ending', async () => {
    await start();
    await phase('live');
    const drain = gate();
    stream.drain = ({ generation }) => (generation === 1 ? drain.opened : Promise.resolve());
    const first = rotate();
    await happened('cancel 1');
    const second = await handle.startUpdate<number, []>('rotate', {
      waitForStage: WorkflowUpdateStage.ACCEPTED,
    });
    drain.open();
    expect(await first).toBe(1);
    expect(await second.result()).toBe(2);
    expect(stream.has('drained 2')).toBe(true);
    await cancel();
  });

  it('keeps the old activity when its successor takes too long to be live', async () => {
    await start(symbols('A'), IMPATIENT);
    await phase('live');
    const live = gate();
    stream.beforeLive = () => live.opened;
    await expect(rotate()).rejects.toBeInstanceOf(WorkflowUpdateFailedError);
    expect(stream.has('cancel 1')).toBe(false);
    expect(stream.has('drained 2')).toBe(true);
    expect(await status()).toMatchObject({ phase: 'live', rotations: 0 });
    live.open();
    await cancel();
  });

  it('keeps the old activity when its successor fails, and says why', async () => {
    await start();
    await phase('live');
    stream.beforeLive = () => stream.refuse('another database');
    const failure: unknown = await rotate().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WorkflowUpdateFailedError);
    const { cause } = failure as WorkflowUpdateFailedError;
    expect((cause as ActivityFailure).cause).toMatchObject({ message: 'another database' });
    expect(await status()).toMatchObject({ phase: 'live', rotations: 0 });
    expect(stream.has('cancel 1')).toBe(false);
    stream.beforeLive = () => undefined;
    expect(await rotate()).toBe(1);
    expect(stream.inOrder('live 3', 'cancel 1')).toBe(true);
    await cancel();
  });

  it('happens by itself after a day', async () => {
    await start(symbols('A'), DAY_IN_SECONDS);
    await happened('start 2');
    expect((await status()).rotations).toBeLessThanOrEqual(1);
    await happened('drained 1');
    await cancel();
  });
});

describe('an activity that nothing mends', () => {
  it('ends the run with its cause', async () => {
    const live = gate();
    stream.beforeLive = async () => {
      await live.opened;
      stream.refuse('another database');
    };
    await start();
    await happened('start 1');
    live.open();
    const failure = await ending();
    expect((failure as ActivityFailure).cause).toMatchObject({ message: 'another database' });
    expect((await status()).phase).toBe('stopped');
  });
});

describe('cancelling', () => {
  /** What is drained is drained before the run ends. */
  async function cancelSlowly(...generations: number[]): Promise<void> {
    const drain = gate();
    stream.drain = () => drain.opened;
    await handle.cancel();
    for (const generation of generations) await happened(`cancel ${generation}`);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    drain.open();
    expect(await ending()).toBeInstanceOf(CancelledFailure);
    for (const generation of generations) expect(stream.has(`drained ${generation}`)).toBe(true);
    expect((await status()).phase).toBe('stopped');
  }

  it('a live stream drains it', async () => {
    await start();
    await phase('live');
    await cancelSlowly(1);
    await recordHistory('stream-cancelled', { ...test_, workflowId: handle.workflowId });
  });

  it('while the sockets are being opened', async () => {
    stream.beforeLive = () => gate().opened;
    await start();
    await happened('start 1');
    await cancelSlowly(1);
  });

  it('while a successor opens its sockets drains both', async () => {
    await start();
    await phase('live');
    stream.beforeLive = () => gate().opened;
    const rotated = rotate().catch((error: unknown) => error);
    await happened('start 2');
    await cancelSlowly(1, 2);
    expect(await rotated).toBeInstanceOf(Error);
  });

  it('while the old activity is being drained drains the new one too', async () => {
    await start();
    await phase('live');
    const drain = gate();
    stream.drain = () => drain.opened;
    const rotated = rotate().catch((error: unknown) => error);
    await happened('cancel 1');
    await handle.cancel();
    await happened('cancel 2');
    drain.open();
    expect(await ending()).toBeInstanceOf(CancelledFailure);
    expect(stream.has('drained 1') && stream.has('drained 2')).toBe(true);
    await rotated;
  });

  it('while it is being planned ends when the planning has', async () => {
    stream.beforePlan = () => gate().opened;
    await start();
    await happened('plan');
    await cancel();
    expect(stream.events).toEqual(['plan', 'plan cancelled']);
  });
});
