import { Client, Connection } from '@temporalio/client';
import { afterEach, describe, expect, it } from 'vitest';
import type { BackfillProgress } from '../../domain/backfill.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { startTemporalOfShortHistories } from '../servers/short-histories.js';
import { until } from '../stack/until.js';
import { recordHistory } from '../workflows/record-history.js';
import { startCollector, type Collector } from './collector.js';
import { expectInvariant, expectTruth } from './compare-with-truth.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-20T10:03:20Z');
/** Slow enough that a command started at its hundredth request meets the run under way. */
const SIMULATOR = { now: NOW, speed: 0, latencyMs: 1000 };
const TOP_10 = ['backfill', '--top', '10', '--json'];
const TOP_10_ID = 'backfill/bybit/top10/all/90d';

async function clientOf({ env }: Collector): Promise<Client> {
  const connection = await Connection.connect({ address: env['TEMPORAL_ADDRESS'] ?? '' });
  return new Client({ connection, namespace: env['TEMPORAL_NAMESPACE'] ?? '' });
}

async function recordRun(
  { env }: Collector,
  name: string,
  workflowId: string,
  runId?: string,
): Promise<void> {
  await recordHistory(name, {
    address: env['TEMPORAL_ADDRESS'] ?? '',
    namespace: env['TEMPORAL_NAMESPACE'] ?? '',
    workflowId,
    ...(runId === undefined ? {} : { runId }),
  });
}

async function expectExact({ simulator, sql }: Collector, pairs = 10, days = 90): Promise<void> {
  const { rows } = await sql.query<{ symbol: string }>('select distinct symbol from coverage');
  expect(rows).toHaveLength(pairs);
  for (const { symbol } of rows) {
    for (const timeframe of TIMEFRAMES) {
      const range = { symbol, timeframe, fromMs: NOW - days * DAY, toMs: NOW };
      await expectTruth(simulator, sql, range);
    }
  }
  await expectInvariant(sql);
}

describe('steering a run', () => {
  let collector: Collector | undefined;
  let client: Client | undefined;
  afterEach(async () => {
    await client?.connection.close();
    await collector?.close();
    collector = client = undefined;
  });

  it('pause stops after the pages in flight, resume goes on to the exact table', async () => {
    collector = await startCollector({ simulator: SIMULATOR });
    await collector.startWorker();
    client = await clientOf(collector);
    const { stats } = collector.simulator;
    const running = collector.m1(TOP_10);
    await until('100 requests', () => (stats.klines().length >= 100 ? true : undefined));
    expect(await collector.m1(['runs', 'pause', TOP_10_ID])).toMatchObject({ code: 0 });
    const handle = client.workflow.getHandle(TOP_10_ID);
    const progress = () => handle.query<BackfillProgress>('progress');
    expect((await progress()).phase).toBe('paused');

    // All that was in flight has come to an end once nothing of the run is pending any more.
    const children = (await progress()).running.map(({ workflowId }) => workflowId);
    const service = client;
    await until('the activities to drain', async () => {
      const pending = await Promise.all(
        children.map(async (id) => {
          const { raw } = await service.workflow.getHandle(id).describe();
          return raw.pendingActivities?.length ?? 0;
        }),
      );
      return pending.every((count) => count === 0) ? true : undefined;
    });
    const asked = stats.klines().length;
    const { requests: before } = stats.snapshot();
    expect(asked).toBeLessThan(390);
    // A second pause changes nothing, and neither does a look at the run.
    await handle.executeUpdate('pause');
    await collector.m1(['runs', 'show', TOP_10_ID]);
    expect(stats.snapshot().requests).toBe(before);

    expect(await collector.m1(['runs', 'resume', TOP_10_ID])).toMatchObject({ code: 0 });
    const { code, stderr } = await running;
    expect(code, stderr).toBe(0);
    await expectExact(collector);
    await recordRun(collector, 'paused-and-resumed', TOP_10_ID);
    await recordRun(collector, 'symbol-paused-and-resumed', children[0] ?? '');
  });

  it('setConcurrency takes 1 to 64 and refuses the rest without a trace in the history', async () => {
    collector = await startCollector({ simulator: SIMULATOR });
    await collector.startWorker();
    client = await clientOf(collector);
    const running = collector.m1(TOP_10);
    const handle = client.workflow.getHandle(TOP_10_ID);
    const phase = () => handle.query<BackfillProgress>('progress').catch(() => undefined);
    await until('the plan', async () => ((await phase())?.phase === 'running' ? true : undefined));
    await handle.executeUpdate('setConcurrency', { args: [2] });
    expect((await phase())?.concurrency).toBe(2);
    const { historyLength } = await handle.describe();
    for (const wrong of [0, 65, 1.5, -1]) {
      await expect(handle.executeUpdate('setConcurrency', { args: [wrong] })).rejects.toThrow();
    }
    expect((await phase())?.concurrency).toBe(2);
    expect(historyLength).toBeGreaterThan(0);
    expect((await running).code).toBe(0);
    const history = await handle.fetchHistory();
    const accepted = history.events?.filter(
      ({ workflowExecutionUpdateAcceptedEventAttributes: update }) => Boolean(update),
    );
    expect(accepted).toHaveLength(1);
  });

  it('a second start of the same joins the first', async () => {
    collector = await startCollector({ simulator: SIMULATOR });
    await collector.startWorker();
    const [first, second] = await Promise.all([collector.m1(TOP_10), collector.m1(TOP_10)]);
    expect([first.code, second.code]).toEqual([0, 0]);
    const run = (text: string) => (JSON.parse(text) as { run_id: string }).run_id;
    expect(run(first.stdout)).toBe(run(second.stdout));
    expect(collector.simulator.stats.snapshot().byEndpoint['/v5/market/time']).toBe(1);
    await expectExact(collector);
  });

  it('cancel stops it, and the next run goes on from what is stored', async () => {
    collector = await startCollector({ simulator: SIMULATOR });
    await collector.startWorker();
    const { stats } = collector.simulator;
    const running = collector.m1(TOP_10);
    await until('100 requests', () => (stats.klines().length >= 100 ? true : undefined));
    expect(await collector.m1(['runs', 'cancel', TOP_10_ID])).toMatchObject({ code: 0 });
    expect((await running).code).toBe(1);
    const asked = stats.klines().length;
    await expectInvariant(collector.sql);
    const again = await collector.m1(TOP_10);
    expect(again.code, again.stderr).toBe(0);
    expect(stats.klines().length).toBeLessThan(asked + 400);
    await expectExact(collector);
  });
});

describe('a history that grows long', () => {
  it('is continued in a new one, with its counts', async () => {
    const temporal = await startTemporalOfShortHistories(30);
    const collector = await startCollector({
      simulator: { now: NOW, speed: 0 },
      temporal: { address: temporal.address, namespace: 'default' },
    });
    try {
      await collector.startWorker();
      // More symbols than run at once, so that some are left when the first history is full.
      const args = ['backfill', '--top', '45', '--days', '5', '--json'];
      const id = 'backfill/bybit/top45/all/5d';
      const { code, stderr, stdout } = await collector.m1(args);
      expect(code, stderr).toBe(0);
      const result = JSON.parse(stdout) as { candles: number; series: number };
      const { runId, raw } = await temporal.client.workflow.getHandle(id).describe();
      const firstRunId = raw.workflowExecutionInfo?.firstRunId;
      expect(firstRunId).not.toBe(runId);
      expect(result.series).toBe(225);
      const { rows } = await collector.sql.query<{ count: number }>(
        'select sum(candles)::int as count from coverage',
      );
      expect(result.candles).toBe(rows[0]?.count);
      await expectExact(collector, 45, 5);
      await recordRun(collector, 'continued-as-new', id, firstRunId ?? '');
    } finally {
      await collector.close();
      await temporal.teardown();
    }
  });
});
