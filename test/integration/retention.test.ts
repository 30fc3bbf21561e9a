import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RetentionResult } from '../../domain/retention.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { RETENTION_WORKFLOW_TYPE } from '../../domain/workflow-names.js';
import { useOwnTemporal } from '../servers/own-temporal.js';
import { until } from '../stack/until.js';
import { startCollector, type Collector, type WorkerProcess } from './collector.js';
import { expectInvariant, expectTruth } from './compare-with-truth.js';

const ownNamespace = useOwnTemporal();

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-20T10:03:20Z');
/** Ten days before, at midnight. */
const HORIZON = Date.parse('2026-11-10');
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT', 'DOGEUSDT'];
const PAIRS = SYMBOLS.flatMap((symbol) => ['--symbol', symbol]);
const RETENTION = { RETENTION: '5m=10d' };
/** In the order of names the last one, and so the last that retention comes to. */
const LAST = 'XRPUSDT';

interface RunJson {
  readonly status: string;
  readonly requests: number;
  readonly clipped?: unknown;
  readonly failed: unknown;
}

interface RetentionJson {
  readonly status: string;
  readonly timeframes: readonly {
    timeframe: string;
    horizon: string;
    candles: number;
    held: readonly unknown[];
  }[];
}

describe('retention under load', () => {
  let collector: Collector;
  let worker: WorkerProcess;

  beforeAll(async () => {
    collector = await startCollector({
      simulator: { now: NOW, speed: 0, latencyMs: 100 },
      temporal: await ownNamespace(),
    });
    worker = await collector.startWorker();
  });
  afterAll(() => collector.close());

  async function json<T>(args: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await collector.m1([...args, '--json']);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as T;
  }

  /** Symbols that have 5m candles before the horizon. */
  async function symbolsWithOld(): Promise<string[]> {
    const { rows } = await collector.sql.query<{ symbol: string }>(
      `select distinct symbol from ohlcv where timeframe = '5m' and "timestamp" < $1 order by 1`,
      [new Date(HORIZON)],
    );
    return rows.map(({ symbol }) => symbol);
  }

  /** Whether rows are being removed of which another transaction holds one. */
  async function deletionWaits(): Promise<true | undefined> {
    const { rows } = await collector.sql.query(
      `select from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and query like 'delete from ohlcv %'`,
    );
    return rows.length > 0 ? true : undefined;
  }

  async function expectExact(days: number): Promise<void> {
    for (const symbol of SYMBOLS) {
      for (const timeframe of TIMEFRAMES) {
        const fromMs = timeframe === '5m' ? HORIZON : NOW - days * DAY;
        const range = { symbol, timeframe, fromMs, toMs: NOW };
        const compared = await expectTruth(collector.simulator, collector.sql, range);
        expect(compared).toBeGreaterThan(0);
      }
    }
    await expectInvariant(collector.sql);
  }

  /** Waits for all runs that the Schedule has started. @returns the most attempts at an activity of each */
  async function attemptsOfScheduledRuns(): Promise<number[]> {
    const connection = await Connection.connect({
      address: collector.env['TEMPORAL_ADDRESS'] ?? '',
    });
    try {
      const namespace = collector.env['TEMPORAL_NAMESPACE'] ?? '';
      const { workflow } = new Client({ connection, namespace });
      const query = `WorkflowType = "${RETENTION_WORKFLOW_TYPE}" AND WorkflowId STARTS_WITH "retention/bybit-"`;
      const attempts = [];
      for await (const { workflowId } of workflow.list({ query })) {
        const handle = workflow.getHandle(workflowId);
        const result = (await handle.result()) as RetentionResult;
        expect(result.tallies).toMatchObject([{ timeframe: '5m', horizonMs: HORIZON }]);
        const { events } = await handle.fetchHistory();
        const started = (events ?? []).map((event) => event.activityTaskStartedEventAttributes);
        attempts.push(Math.max(...started.map((one) => one?.attempt ?? 0)));
      }
      return attempts;
    } finally {
      await connection.close();
    }
  }

  it('keeps all without a rule', async () => {
    await json(['backfill', ...PAIRS, '--days', '40']);
    expect(await symbolsWithOld()).toHaveLength(SYMBOLS.length);
    expect((await json<RetentionJson>(['retention', 'run'])).timeframes).toEqual([]);
    expect(await json(['retention', 'status'])).toMatchObject({ scheduled: false, timeframes: [] });
    expect(await symbolsWithOld()).toHaveLength(SYMBOLS.length);
  });

  it('loses nothing longer, goes on after a kill, and clips the run in flight', async () => {
    const asked = collector.simulator.stats.klines().length;
    const running = collector.m1(['backfill', ...PAIRS, '--days', '60', '--json']);
    await until('a run under way', () =>
      collector.simulator.stats.klines().length > asked + 5 ? true : undefined,
    );
    await worker.kill();

    // Retention stops at the last symbol as long as this transaction holds a row of it.
    const holder = new pg.Client({
      host: collector.env['POSTGRES_HOST'],
      port: Number(collector.env['POSTGRES_PORT']),
      user: collector.env['POSTGRES_USER'],
      password: collector.env['POSTGRES_PASSWORD'],
      database: collector.env['POSTGRES_DB'],
    });
    await holder.connect();
    try {
      await holder.query('begin');
      await holder.query(
        `select from ohlcv where symbol = $1 and timeframe = '5m' order by "timestamp" limit 1 for update`,
        [LAST],
      );
      worker = await collector.startWorker(RETENTION);
      await until('a run of the retention in its middle', deletionWaits);
      expect((await symbolsWithOld()).length).toBeLessThan(SYMBOLS.length);
      expect(await symbolsWithOld()).toContain(LAST);
      await worker.kill();
    } finally {
      await holder.end();
    }
    await expectInvariant(collector.sql);
    worker = await collector.startWorker(RETENTION);
    const { code, stdout, stderr } = await running;
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'done', failed: [] });
    // the killed run went on, and was not begun anew
    expect(Math.max(...(await attemptsOfScheduledRuns()))).toBeGreaterThan(1);
    // what the other run stored of days that were held back meanwhile
    const { status, timeframes } = await json<RetentionJson>(['retention', 'run']);
    expect({ status, timeframes }).toMatchObject({
      status: 'done',
      timeframes: [{ timeframe: '5m', horizon: '2026-11-10', held: [] }],
    });
    expect(await symbolsWithOld()).toEqual([]);
    await expectExact(60);
  });

  it('a second backfill asks for nothing that was removed, and says so', async () => {
    const before = collector.simulator.stats.klines().length;
    const plan = await json<RunJson & { plan: { candles: number } }>([
      ...['backfill', ...PAIRS, '--days', '61', '--dry-run'],
    ]);
    const clipped = [{ timeframe: '5m', horizon: '2026-11-10T00:00:00Z', reason: 'retention' }];
    expect(plan).toMatchObject({ clipped });
    // a day more of 15m, 1h, 4h and 1d
    expect(plan.plan.candles).toBe(SYMBOLS.length * (96 + 24 + 6 + 1));
    const text = await collector.m1(['backfill', ...PAIRS, '--days', '61']);
    expect(text.stdout).toMatch(/^5m: clipped, nothing before 2026-11-10 00:00 UTC .*RETENTION/m);
    expect(await json<RunJson>(['backfill', ...PAIRS, '--days', '61'])).toMatchObject({
      ...{ status: 'done', clipped },
    });
    const asked = collector.simulator.stats.klines().slice(before);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(({ interval }) => interval === '5')).toEqual([]);
    await expectExact(61);
  });

  it('tells which candles are kept, to a person and to SQL', async () => {
    expect(await json(['retention', 'status'])).toMatchObject({
      scheduled: true,
      timeframes: [
        {
          ...{ timeframe: '5m', keep_seconds: 864_000, horizon: '2026-11-10' },
          older: { candles: 0, symbols: 0 },
        },
      ],
    });
    const { rows } = await collector.sql.query(
      `select m1_complete('BTCUSDT', '5m', r.horizon, $1) as after,
         m1_complete('BTCUSDT', '5m', r.horizon - interval '1 hour', $1) as before
       from retention r where r.timeframe = '5m'`,
      [new Date(NOW - 600_000)],
    );
    expect(rows).toEqual([{ after: true, before: false }]);
    const { series } = await json<{ series: { timeframe: string; first: string }[] }>(['status']);
    expect(series.filter(({ timeframe }) => timeframe === '5m').map(({ first }) => first)).toEqual(
      SYMBOLS.map(() => '2026-11-10T00:00:00Z'),
    );
  });

  it('holds back days whose daily candle differs, and a dry run removes nothing', async () => {
    await worker.stop();
    worker = await collector.startWorker({ RETENTION: '5m=8d' });
    await until('two days more are gone', async () => {
      const { rows } = await collector.sql.query<{ first: Date }>(
        `select min("timestamp") as first from ohlcv where timeframe = '5m'`,
      );
      return rows[0]?.first.getTime() === HORIZON + 2 * DAY ? true : undefined;
    });
    await worker.stop();
    await collector.sql.query(
      `update ohlcv set high = high * 2
       where symbol = 'BTCUSDT' and timeframe = '1d' and "timestamp" = $1`,
      [new Date(HORIZON + 2 * DAY)],
    );
    // no rule, so that the next one is not applied before it is looked at
    worker = await collector.startWorker();
    expect(await json(['retention', 'status'])).toMatchObject({ scheduled: false, timeframes: [] });
    await worker.stop();
    worker = await collector.startWorker({ RETENTION: '5m=7d' });
    const { code, stdout, stderr } = await collector.m1(['retention', 'run', '--dry-run']);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(
      '5m: 1 day (288 candles) held back: 1d differs from them, see m1 verify, BTCUSDT 2026-11-12 among them',
    );
    await until('the other symbols are done', async () => {
      const { rows } = await collector.sql.query<{ symbol: string }>(
        `select distinct symbol from ohlcv where timeframe = '5m' and "timestamp" < $1`,
        [new Date(HORIZON + 3 * DAY)],
      );
      return rows.length === 1 && rows[0]?.symbol === 'BTCUSDT' ? true : undefined;
    });
  });
});
