import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../runtime/free-port.js';
import { freshDatabase } from '../servers/fresh-database.js';
import { startCollector, type Collector } from './collector.js';
import { expectInvariant } from './compare-with-truth.js';
import { expectOneLine } from './expect-one-line.js';

const NOW = Date.parse('2026-11-20T10:03:20Z');

describe('wrong use', () => {
  let collector: Collector;

  beforeAll(async () => {
    collector = await startCollector({ simulator: { now: NOW, speed: 0 } });
    await collector.startWorker();
  });
  afterAll(() => collector.close());

  it.each([
    [['--timeframe', '7m'], /7m/, /5m, 15m, 1h, 4h, 1d|5m/],
    [['--days', '0'], /days/],
    [['--days', '-3'], /days/],
    [['--days', '999999999'], /days/],
    [['--days', 'many'], /days/],
    [['--days', '3', '--from', '2026-01-01'], /--days.*--from|--from.*--days/],
    [['--symbol', 'BTCUSDT', '--top', '3'], /--symbol.*--top|--top.*--symbol/],
    [['--top', '0'], /top/],
    [['--from', '2026-02-30'], /2026-02-30/],
    [['--from', '2026-03-01', '--to', '2026-02-01'], /--to|--from/],
    [['--nonsense'], /nonsense/],
  ] as [string[], ...RegExp[]][])(
    'backfill %j exits 2 with its cause',
    async (args, ...patterns) => {
      const { code, stderr, stdout } = await collector.m1Process(['backfill', ...args]);
      expect(code, stderr).toBe(2);
      expectOneLine(`${stdout}${stderr}`, ...patterns);
    },
  );

  it('an unknown symbol exits 2 with the nearest names, and nothing is written', async () => {
    const { code, stderr } = await collector.m1Process(['backfill', '--symbol', 'BTCUSD']);
    expect(code, stderr).toBe(2);
    expectOneLine(stderr, /BTCUSD/, /BTCUSDT/);
    const { rows } = await collector.sql.query('select 1 from coverage');
    expect(rows).toEqual([]);
  });

  it('a database of another venue is refused', async () => {
    await collector.m1Process([
      'backfill',
      '--symbol',
      'BTCUSDT',
      '--days',
      '1',
      '--timeframe',
      '1d',
    ]);
    const { code, stderr } = await collector.m1Process(['worker'], { BYBIT_SOURCE: 'bybit' });
    expect(code, stderr).toBe(2);
    expectOneLine(stderr, /simulated/, /bybit/);
  });
});

describe('workers of two databases on one queue', () => {
  let collector: Collector;

  beforeAll(async () => {
    collector = await startCollector({ simulator: { now: NOW, speed: 0 } });
  });
  afterAll(() => collector.close());

  it('end the run instead of scattering it', async () => {
    const other = await freshDatabase();
    try {
      const env = { POSTGRES_DB: other.database };
      expect((await collector.m1Process(['db', 'upgrade'], env)).code).toBe(0);
      await collector.startWorker();
      await collector.startWorker(env);
      const { code, stderr } = await collector.m1Process([
        'backfill',
        '--top',
        '20',
        '--days',
        '3',
      ]);
      expect(code, stderr).toBe(2);
      expectOneLine(stderr, /another database/, /POSTGRES_/);
      await expectInvariant(collector.sql);
    } finally {
      await other.drop();
    }
  });
});

describe('servers that are away or refuse', () => {
  let collector: Collector;
  let closedPort: string;

  beforeAll(async () => {
    collector = await startCollector({ simulator: { now: NOW, speed: 0 } });
    closedPort = String(await freePort());
  });
  afterAll(() => collector.close());

  it('PostgreSQL away: worker and status exit 1', async () => {
    for (const command of ['worker', 'status']) {
      const { code, stderr } = await collector.m1Process([command], { POSTGRES_PORT: closedPort });
      expect(code, stderr).toBe(1);
      expectOneLine(stderr, new RegExp(closedPort), /PostgreSQL/);
    }
  });

  it('a wrong password: exit 1, and the password is not shown', async () => {
    const { code, stderr } = await collector.m1Process(['status'], {
      POSTGRES_PASSWORD: 'wrong-secret',
    });
    expect(code, stderr).toBe(1);
    expectOneLine(stderr, /password/i);
    expect(stderr).not.toContain('wrong-secret');
  });

  it('Temporal away: backfill exits 1', async () => {
    const { code, stderr } = await collector.m1Process(['backfill'], {
      TEMPORAL_ADDRESS: `127.0.0.1:${closedPort}`,
    });
    expect(code, stderr).toBe(1);
    expectOneLine(stderr, /Temporal/, /m1 up|TEMPORAL_ADDRESS/);
  });

  it('no worker: said soon; with --detach exit 1', async () => {
    const startedAt = performance.now();
    const { code, stderr } = await collector.m1Process(['backfill', '--detach']);
    expect(code, stderr).toBe(1);
    expectOneLine(stderr, /no worker is running: start m1 worker or m1 up/);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });

  it('a database without tables: m1 db upgrade is named', async () => {
    await collector.m1Process(['db', 'rollback', '--count', '3']);
    const { code, stderr } = await collector.m1Process(['worker']);
    expect(code, stderr).toBe(1);
    expectOneLine(stderr, /m1 db upgrade/);
  });

  it('Redis away: the worker says so and backfills with a quarter of the budget', async () => {
    expect((await collector.m1Process(['db', 'upgrade'])).code).toBe(0);
    const worker = await collector.startWorker({ REDIS_PORT: closedPort });
    const { code, stderr } = await collector.m1Process([
      ...['backfill', '--symbol', 'BTCUSDT', '--days', '1'],
    ]);
    expect(code, stderr).toBe(0);
    expect(await worker.stop()).toBe(0);
  });
});
