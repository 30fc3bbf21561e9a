import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { wakeRepair } from '../../activities/repair/wake-repair.js';
import type { RepairCounts, RepairRun } from '../../domain/repair.js';
import {
  REPAIR_WORKFLOW_ID,
  REST_TASK_QUEUE,
  TASK_QUEUE,
  WAKE_REPAIR_SIGNAL,
} from '../../domain/workflow-names.js';
import { findTemporal } from '../../stack/find-temporal.js';
import { freshNamespace, type FreshNamespace } from '../servers/fresh-namespace.js';
import { until } from '../stack/until.js';
import { recordHistory } from './record-history.js';

const BUNDLE = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));
const HOUR = 3_600_000;

/** A run that is under way until the test answers it. */
interface PendingRun {
  readonly answer: (left: Pick<RepairRun, 'waiting' | 'dueInMs'>) => void;
}

describe('the repair workflow', () => {
  let temporal: FreshNamespace;
  let native: NativeConnection;
  let connection: Connection;
  let client: Client;
  let stopWorkers: () => Promise<void>;
  let runs: PendingRun[];

  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    temporal = await freshNamespace();
    const { address, namespace } = temporal;
    native = await NativeConnection.connect({ address });
    connection = await Connection.connect({ address });
    client = new Client({ connection, namespace });
    stopWorkers = await startWorkers(native, namespace, (run) => runs.push(run));
  });
  afterAll(async () => {
    await stopWorkers();
    await connection.close();
    await native.close();
  });
  beforeEach(() => {
    runs = [];
  });

  const wake = () => wakeRepair(client);
  const run = (number: number) => until(`run ${number}`, () => runs[number - 1]);
  async function current(): Promise<WorkflowHandle> {
    const { runId } = await client.workflow.getHandle(REPAIR_WORKFLOW_ID).describe();
    return client.workflow.getHandle(REPAIR_WORKFLOW_ID, runId);
  }
  async function phaseBecomes(handle: WorkflowHandle, phase: string): Promise<void> {
    await until(phase, async () => {
      const { typedSearchAttributes } = await handle.describe();
      const found = typedSearchAttributes
        .getAll()
        .find(({ key }) => key.name === 'CollectorPhase')?.value;
      return found === phase ? true : undefined;
    });
  }
  async function details(handle: WorkflowHandle): Promise<string> {
    const metadata = await handle.query<{ currentDetails?: string }>(
      '__temporal_workflow_metadata',
    );
    return metadata.currentDetails ?? '';
  }

  it('ends when nothing will ever be due, and starts anew when it is woken', async () => {
    await wake();
    (await run(1)).answer({ waiting: 0 });
    const first = await current();
    expect(await first.result()).toEqual({ requests: 2, candles: 30, gaps: 4 });
    expect(await details(first)).toContain('**finished**');
    await phaseBecomes(first, 'finished');
    await wake();
    (await run(2)).answer({ waiting: 0 });
    expect((await current()).workflowId).toBe(first.workflowId);
    await (await current()).result();
  });

  it('sleeps until the next gap is due, and asks then', async () => {
    await wake();
    const handle = await current();
    (await run(1)).answer({ waiting: 7, dueInMs: 1_500 });
    await phaseBecomes(handle, 'waiting');
    expect(await details(handle)).toMatch(/\*\*waiting\*\*: 7 gaps .*first at 20\d\d-/);
    (await run(2)).answer({ waiting: 0 });
    expect(await handle.result()).toEqual({ requests: 4, candles: 60, gaps: 8 });
    const { events } = await handle.fetchHistory();
    expect(timersMs(events)).toEqual([1_500]);
  });

  it('sleeps some hours at most, and is woken before', async () => {
    await wake();
    const handle = await current();
    (await run(1)).answer({ waiting: 1, dueInMs: 24 * HOUR });
    await phaseBecomes(handle, 'waiting');
    await wake();
    (await run(2)).answer({ waiting: 0 });
    await handle.result();
    const { events } = await handle.fetchHistory();
    expect(timersMs(events)).toEqual([3 * HOUR]);
    const { address, namespace } = temporal;
    const { workflowId } = handle;
    await recordHistory('repair-woken', { address, namespace, workflowId });
  });

  it('is woken a hundred times by a flapping network and starts nothing twice', async () => {
    await wake();
    const handle = await current();
    const first = await run(1);
    await Promise.all(Array.from({ length: 100 }, wake));
    expect(runs).toHaveLength(1);
    first.answer({ waiting: 3, dueInMs: HOUR });
    // one more run for all of them
    (await run(2)).answer({ waiting: 3, dueInMs: HOUR });
    await phaseBecomes(handle, 'waiting');
    expect(runs).toHaveLength(2);
    await handle.signal(WAKE_REPAIR_SIGNAL);
    (await run(3)).answer({ waiting: 0 });
    const counts: RepairCounts = { requests: 6, candles: 90, gaps: 12 };
    expect(await handle.result()).toEqual(counts);
    expect((await current()).workflowId).toBe(handle.workflowId);
    expect(runs).toHaveLength(3);
  });
});

describe('a history of the repair that grows long', () => {
  it('is continued in a new one, with its counts', async () => {
    const path = await findTemporal({ log: () => undefined });
    const temporal = await TestWorkflowEnvironment.createLocal({
      server: {
        executable: { type: 'existing-path', path },
        extraArgs: [
          ...['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=20'],
          ...['CollectorKind=Keyword', 'CollectorPhase=Keyword'].flatMap((attribute) => [
            ...['--search-attribute', attribute],
          ]),
        ],
      },
    });
    let ran = 0;
    const dueInMs = 1;
    const stop = await startWorkers(temporal.nativeConnection, 'default', ({ answer }) => {
      ran++;
      answer(ran < 6 ? { waiting: 1, dueInMs } : { waiting: 0 });
    });
    try {
      await wakeRepair(temporal.client);
      const handle = temporal.client.workflow.getHandle(REPAIR_WORKFLOW_ID);
      expect(await handle.result()).toEqual({ requests: 12, candles: 180, gaps: 24 });
      expect(ran).toBe(6);
      const { raw, runId } = await handle.describe();
      expect(raw.workflowExecutionInfo?.firstRunId).not.toBe(runId);
    } finally {
      await stop();
      await temporal.teardown();
    }
  });
});

/** @param onRun called with each run of the activity @returns stops the workers */
async function startWorkers(
  connection: NativeConnection,
  namespace: string,
  onRun: (run: PendingRun) => void,
): Promise<() => Promise<void>> {
  const repairDue = (): Promise<RepairRun> =>
    new Promise((resolve) => {
      onRun({ answer: (left) => resolve({ requests: 2, candles: 30, gaps: 4, ...left }) });
    });
  const common = { connection, namespace };
  const workers = [
    await Worker.create({
      ...{ ...common, taskQueue: TASK_QUEUE },
      workflowBundle: { codePath: BUNDLE },
    }),
    await Worker.create({
      ...{ ...common, taskQueue: REST_TASK_QUEUE },
      activities: { repairDue },
    }),
  ];
  const running = workers.map((worker) => worker.run());
  return async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
  };
}

type Events = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events'];

/** How long each timer of a history was to run, ms. */
function timersMs(events: Events): number[] {
  return (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) =>
    timer ? [tsToMs(timer.startToFireTimeout)] : [],
  );
}
