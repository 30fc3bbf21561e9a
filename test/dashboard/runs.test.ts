import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ListedRun, RunList, StartedRun } from '../../dashboard/api.js';
import { freshRedis } from '../servers/fresh-redis.js';
import { cancelReached } from '../workflows/cancel-reached.js';
import { gate } from '../workflows/gate.js';
import { ScriptedBackfill } from '../workflows/scripted-backfill.js';
import { workflowsUnderTest, type WorkflowsUnderTest } from '../workflows/workflows-under-test.js';
import { emptyServers, okJson, serve, type Served, type Servers } from './served.js';

const BODY = { symbols: ['ETHUSDT', 'BTCUSDT', 'BTCUSDT'], timeframes: ['1h', '5m'], days: 3 };
const ID = 'backfill/bybit/BTCUSDT+ETHUSDT/5m+1h/3d';

const script = new ScriptedBackfill();
let servers: Servers;
let served: Served;
let workers: WorkflowsUnderTest | undefined;

beforeAll(async () => {
  servers = await emptyServers(await freshRedis());
  served = await serve(servers);
});

afterAll(async () => {
  await workers?.close();
  await served.close();
  await servers.database.drop();
});

const runs = async (): Promise<readonly ListedRun[]> =>
  (await okJson<RunList>(served.get('/api/runs'))).runs;

const steer = async (action: string): Promise<number> =>
  (await served.post(`/api/runs/${encodeURIComponent(ID)}/${action}`, {})).status;

it('starts, joins, watches, pauses, resumes and cancels a run', async () => {
  const open = gate();
  let stumbled = false;
  script.before = async ({ symbol }) => {
    // once only: with its last attempt the run could fail before it is cancelled
    if (symbol === 'BTCUSDT' && !stumbled) {
      stumbled = true;
      throw new Error('the venue stumbles');
    }
    await open.opened;
  };
  const started = await okJson<StartedRun>(served.post('/api/backfills', BODY));
  expect(started).toMatchObject({ workflowId: ID, joined: false });
  const joined = await okJson<StartedRun>(served.post('/api/backfills', BODY));
  expect(joined).toMatchObject({ workflowId: ID, runId: started.runId, joined: true });
  expect(await runs()).toMatchObject([
    { workflowId: ID, status: 'running', details: expect.stringContaining('no worker') as string },
  ]);

  workers = await workflowsUnderTest(servers.temporal, script);
  await expect.poll(runs, { timeout: 30_000 }).toMatchObject([
    {
      ...{ kind: 'backfill', phase: 'running', actions: ['pause', 'cancel'] },
      progress: {
        ...{ symbolsTotal: 2, symbolsDone: 0, plannedCandles: 2, failed: [] },
        retrying: [{ symbol: 'BTCUSDT', error: 'the venue stumbles' }],
      },
      details: expect.stringContaining('0 of 2 symbols') as string,
    },
  ]);
  const [run] = await runs();
  expect(run?.progress?.retrying[0]?.attempt).toBeGreaterThan(0);

  expect(await steer('pause')).toBe(202);
  expect((await runs())[0]).toMatchObject({ phase: 'paused', actions: ['resume', 'cancel'] });
  expect(await steer('resume')).toBe(202);
  expect((await runs())[0]).toMatchObject({ phase: 'running' });
  expect(await steer('stop')).toBe(404);
  expect(await steer('cancel')).toBe(202);
  await cancelReached(workers.client, [`${ID}/BTCUSDT`, `${ID}/ETHUSDT`]);
  open.open();
  await expect
    .poll(async () => (await runs())[0], { timeout: 30_000 })
    .toMatchObject({ runId: started.runId, status: 'cancelled', actions: [] });
  expect(await steer('cancel')).toBe(409);
});

it('leaves alone what is no run of M1', async () => {
  const { client } = workers ?? {};
  await client?.workflow.start('somebodyElsesWorkflow', {
    ...{ workflowId: 'theirs', taskQueue: 'theirs', args: [] },
  });
  const answer = await served.post('/api/runs/theirs/cancel', {});
  expect(answer.status).toBe(404);
  await client?.workflow.getHandle('theirs').terminate();
});
