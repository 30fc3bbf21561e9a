import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ServerAway } from '../../domain/failure.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { changeSymbols } from '../../cli/stream/join-stream.js';
import { startOrJoinStream } from '../../steering/start-stream.js';
import { cancelRun, requestCancel } from '../../steering/steer-run.js';
import { freshNamespace, type FreshNamespace } from '../servers/fresh-namespace.js';
import { ScriptedStream } from './scripted-stream.js';
import { workflowsUnderTest, type WorkflowsUnderTest } from './workflows-under-test.js';

const BTC = { kind: 'symbols', symbols: ['BTCUSDT'] } as const;
const ETH = { kind: 'symbols', symbols: ['ETHUSDT'] } as const;

let place: FreshNamespace;
let temporal: TemporalClient;
let workers: WorkflowsUnderTest | undefined;

beforeEach(async () => {
  place = await freshNamespace();
  const connection = await Connection.connect({ address: place.address });
  const { namespace } = place;
  temporal = {
    ...{ connection, namespace, client: new Client({ connection, namespace }) },
    close: () => connection.close(),
  };
});
afterEach(async () => {
  await workers?.close();
  workers = undefined;
  await temporal.close();
});

async function startWorkers(): Promise<void> {
  workers = await workflowsUnderTest(place, new ScriptedStream());
}

it('a run that lasts is joined', async () => {
  await startWorkers();
  const first = await startOrJoinStream(temporal, BTC);
  expect(await startOrJoinStream(temporal, ETH)).toEqual({ ...first, joined: true });
});

it('a run that was asked to stop is not joined, but started anew after its end', async () => {
  const first = await startOrJoinStream(temporal, BTC);
  await requestCancel(temporal, first.workflowId);
  const again = startOrJoinStream(temporal, ETH);
  await startWorkers();
  const second = await again;
  expect(second).toMatchObject({ workflowId: first.workflowId, joined: false });
  const { client } = temporal;
  const { status } = await client.workflow.getHandle(first.workflowId, first.runId).describe();
  expect(status.name).toBe('CANCELLED');
  await expect
    .poll(() => client.workflow.getHandle(second.workflowId).query('status'))
    .toMatchObject({ pairs: ETH, symbols: ETH.symbols });
});

it('a run that was asked to stop and that no worker ends is named, with what is missing', async () => {
  const { workflowId } = await startOrJoinStream(temporal, BTC);
  await requestCancel(temporal, workflowId);
  const again = startOrJoinStream(temporal, BTC);
  await expect(again).rejects.toThrow(ServerAway);
  await expect(again).rejects.toThrow(
    /^stream\/\S+ was asked to stop and has not ended yet: no worker is running: start m1 worker/,
  );
});

it('a stream that ended before it took another set: said with the next step', async () => {
  await startWorkers();
  const { workflowId } = await startOrJoinStream(temporal, BTC);
  expect(await cancelRun(temporal, workflowId)).toBe(true);
  const change = changeSymbols(temporal, workflowId, { pairs: BTC }, ETH);
  await expect(change).rejects.toThrow(/^the stream ended .*: m1 stream starts it again$/);
});
