import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RepairCounts } from '../../domain/repair.js';
import { TIMEFRAMES, timeframeMs, type Timeframe } from '../../domain/timeframe.js';
import {
  REPAIR_WORKFLOW_ID,
  REPAIR_WORKFLOW_TYPE,
  TASK_QUEUE,
  WAKE_REPAIR_SIGNAL,
} from '../../domain/workflow-names.js';
import { until } from '../stack/until.js';
import { startCollector, type Collector } from './collector.js';
import { expectInvariant, expectTruth } from './compare-with-truth.js';

const NOW = Date.parse('2026-11-20T10:03:20Z');
const DAYS = 20;
const FROM = NOW - DAYS * 86_400_000;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];

let collector: Collector;
let client: Client;

beforeEach(async () => {
  collector = await startCollector({ simulator: { now: NOW, speed: 0, pairs: 6, latencyMs: 20 } });
  const { env } = collector;
  const connection = await Connection.connect({ address: env['TEMPORAL_ADDRESS'] ?? '' });
  client = new Client({ connection, namespace: env['TEMPORAL_NAMESPACE'] ?? '' });
});
afterEach(async () => {
  await client.connection.close();
  await collector.close();
});

async function backfilled(): Promise<void> {
  const named = SYMBOLS.flatMap((symbol) => ['--symbol', symbol]);
  const from = new Date(FROM).toISOString();
  const { code, stderr } = await collector.m1(['backfill', ...named, '--from', from, '--json']);
  expect(code, stderr).toBe(0);
}

/** Candles of one series, counted from its first whole one, that are to be forgotten. */
interface Forgotten {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly first: number;
  readonly count: number;
}

/** Takes candles away as if no socket had been there to see them close. */
async function forget({ symbol, timeframe, first, count }: Forgotten): Promise<void> {
  const lengthMs = timeframeMs(timeframe);
  const fromMs = (Math.ceil(FROM / lengthMs) + first) * lengthMs;
  const period = [new Date(fromMs), new Date(fromMs + count * lengthMs)];
  const sql = await collector.sql.connect();
  try {
    await sql.query('begin');
    const { rowCount } = await sql.query(
      `delete from ohlcv where symbol = $1 and timeframe = $2 and "timestamp" >= $3
         and "timestamp" < $4`,
      [symbol, timeframe, ...period],
    );
    expect(rowCount).toBe(count);
    await sql.query(
      `insert into gap (symbol, timeframe, period, kind, found_at, found_by, asked, next_ask)
       values ($1, $2, tstzrange($3, $4), 'disconnected', now(), 'a test', 0, now())`,
      [symbol, timeframe, ...period],
    );
    await sql.query(
      'update coverage set candles = candles - $3 where symbol = $1 and timeframe = $2',
      [symbol, timeframe, count],
    );
    await sql.query('commit');
  } finally {
    sql.release();
  }
}

/** As the stream wakes it. */
function wake(): Promise<WorkflowHandle> {
  return client.workflow.signalWithStart(REPAIR_WORKFLOW_TYPE, {
    ...{ workflowId: REPAIR_WORKFLOW_ID, taskQueue: TASK_QUEUE },
    ...{ signal: WAKE_REPAIR_SIGNAL, signalArgs: [] },
  });
}

async function expectWhole(): Promise<void> {
  for (const symbol of SYMBOLS) {
    for (const timeframe of TIMEFRAMES) {
      const range = { symbol, timeframe, fromMs: FROM, toMs: NOW };
      await expectTruth(collector.simulator, collector.sql, range);
    }
  }
  await expectInvariant(collector.sql);
  const { rows } = await collector.sql.query(
    `select symbol from gap where closed_at is null and kind = 'disconnected'`,
  );
  expect(rows).toEqual([]);
}

describe('what a disconnect has left', () => {
  it('is fetched in few requests and equals the market, failures of the venue included', async () => {
    await collector.startWorker();
    await backfilled();
    let forgotten = 0;
    const everySecond = async (lost: Omit<Forgotten, 'count'>, times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        await forget({ ...lost, first: lost.first + 2 * i, count: 1 });
        forgotten++;
      }
    };
    await everySecond({ symbol: 'BTCUSDT', timeframe: '5m', first: 100 }, 300);
    await everySecond({ symbol: 'ETHUSDT', timeframe: '15m', first: 7 }, 40);
    for (const timeframe of TIMEFRAMES) {
      const count = timeframe === '5m' ? 2_500 : 3;
      await forget({ symbol: 'SOLUSDT', timeframe, first: 2, count });
      forgotten += count;
    }
    await expectInvariant(collector.sql);
    collector.simulator.stats.reset();
    collector.simulator.faults.add({
      match: { endpoint: 'kline', symbol: 'ETHUSDT' },
      times: 2,
      effect: { kind: 'status', status: 500, body: 'html' },
    });
    const counts = (await (await wake()).result()) as RepairCounts;
    await expectWhole();
    expect(counts.candles).toBe(forgotten);
    // a page for the first two each, three for the long gap, four for the others of its symbol
    expect(counts.requests).toBe(1 + 1 + 3 + 4);
    // and the two that failed
    expect(collector.simulator.stats.klines()).toHaveLength(counts.requests + 2);
    const { rows } = await collector.sql.query(
      `select distinct workflow_id from "fetch" where source = 'repair'`,
    );
    expect(rows).toEqual([{ workflow_id: REPAIR_WORKFLOW_ID }]);
  });

  it('is fetched by another worker when the first is killed in the middle', async () => {
    const worker = await collector.startWorker();
    await backfilled();
    for (const symbol of SYMBOLS) {
      await forget({ symbol, timeframe: '5m', first: 10, count: 5_000 });
      await forget({ symbol, timeframe: '1h', first: 10, count: 400 });
    }
    const { simulator } = collector;
    simulator.stats.reset();
    // the first pages are answered, the others not before the worker is dead
    simulator.faults.add({ match: { endpoint: 'kline' }, after: 6, effect: { kind: 'hang' } });
    const handle = await wake();
    await until('the first pages', async () => {
      const { rows } = await collector.sql.query<{ pages: number }>(
        `select count(*)::int as pages from "fetch" where source = 'repair'`,
      );
      return (rows[0]?.pages ?? 0) >= 6 ? true : undefined;
    });
    await worker.kill();
    simulator.faults.clear();
    await collector.startWorker();
    await handle.result();
    await expectWhole();
  });

  it('is left alone by a repair that is cancelled, and fetched by the next', async () => {
    await collector.startWorker();
    await backfilled();
    await forget({ symbol: 'BTCUSDT', timeframe: '5m', first: 10, count: 3_000 });
    const { simulator } = collector;
    simulator.stats.reset();
    simulator.faults.add({ match: { endpoint: 'kline' }, effect: { kind: 'hang' } });
    const handle = await wake();
    await until('a request', () => (simulator.stats.klines().length > 0 ? true : undefined));
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    await expectInvariant(collector.sql);
    simulator.faults.clear();
    await (await wake()).result();
    await expectWhole();
  });
});
