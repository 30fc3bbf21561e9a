import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCollector, type Collector, type WorkerProcess } from './collector.js';
import { expectInvariant, expectTruth } from './compare-with-truth.js';

const HOUR = 3_600_000;
/** Twenty seconds into a candle, so that each timeframe has one that is open. */
const NOW = Date.parse('2026-11-20T10:03:20Z');
const FROM = Date.parse('2026-11-18T00:00:00Z');
const HOLE = {
  fromMs: Date.parse('2026-11-19T06:00:00Z'),
  toMs: Date.parse('2026-11-19T07:00:00Z'),
};
const SYMBOL = 'BTCUSDT';

interface GapsDocument {
  gaps: {
    symbol: string;
    timeframe: string;
    from: string;
    to: string;
    candles: number;
    kind: string;
  }[];
}

describe('m1 gaps', () => {
  let collector: Collector;
  let worker: WorkerProcess;

  beforeAll(async () => {
    collector = await startCollector({ simulator: { now: NOW, speed: 0, pairs: 20 } });
    collector.simulator.control.changeSymbol(SYMBOL, { holes: [HOLE] });
    worker = await collector.startWorker();
    const { code, stderr } = await collector.m1([
      ...['backfill', '--symbol', SYMBOL, '--timeframe', '5m,1h'],
      ...['--from', iso(FROM)],
    ]);
    expect(code, stderr).toBe(0);
  });
  afterAll(() => collector.close());

  const iso = (timeMs: number): string => new Date(timeMs).toISOString().replace('.000Z', 'Z');
  const check = (from: number, to: number, ...more: string[]) =>
    collector.m1([
      'gaps',
      'check',
      '--symbol',
      SYMBOL,
      '--from',
      iso(from),
      '--to',
      iso(to),
      ...more,
    ]);
  const complete = async (timeframe: string, from: number, to: number): Promise<boolean> => {
    const { rows } = await collector.sql.query<{ complete: boolean }>(
      'select m1_complete($1, $2, $3, $4) as complete',
      [SYMBOL, timeframe, iso(from), iso(to)],
    );
    return rows[0]?.complete ?? false;
  };
  const listed = async (...more: string[]): Promise<GapsDocument['gaps']> => {
    const { code, stdout, stderr } = await collector.m1(['gaps', 'list', '--json', ...more]);
    expect(code, stderr).toBe(0);
    return (JSON.parse(stdout) as GapsDocument).gaps;
  };

  it('list names each hole', async () => {
    expect(await listed()).toEqual([
      {
        ...{ symbol: SYMBOL, timeframe: '5m', kind: 'unconfirmed', asked: 1, candles: 12 },
        ...{ from: iso(HOLE.fromMs), to: iso(HOLE.toMs), next_ask: expect.any(String) as string },
      },
      {
        ...{ symbol: SYMBOL, timeframe: '1h', kind: 'unconfirmed', asked: 1, candles: 1 },
        ...{ from: iso(HOLE.fromMs), to: iso(HOLE.toMs) },
        next_ask: expect.any(String) as string,
      },
    ]);
    expect(await listed('--timeframe', '1h')).toHaveLength(1);
    expect(await listed('--kind', 'no_trades')).toEqual([]);
    expect(await listed('--from', iso(HOLE.toMs))).toEqual([]);
    const { stdout } = await collector.m1(['gaps', 'list']);
    expect(stdout).toMatch(/^SIMULATED/);
    expect(stdout).toContain('2 gaps, 13 candles');
  });

  it('check says what SQL says', async () => {
    for (const [from, to, expected] of [
      [FROM, HOLE.fromMs, true],
      [FROM, HOLE.fromMs + 300_000, false],
      [HOLE.toMs + HOUR, Date.parse('2026-11-20T10:00:00Z'), true],
      [HOLE.toMs + HOUR, NOW, true],
      [HOLE.toMs + HOUR, NOW + 300_000, false],
    ] as const) {
      const { code, stdout, stderr } = await check(from, to, '--timeframe', '5m');
      expect([iso(from), iso(to), code], stderr).toEqual([iso(from), iso(to), expected ? 0 : 3]);
      expect(stdout).toContain(expected ? 'complete, ' : 'not complete');
      expect(await complete('5m', from, to)).toBe(expected);
    }
    const both = await check(FROM, HOLE.toMs, '--timeframe', '5m', '--timeframe', '1h', '--json');
    expect(both.code).toBe(3);
    expect(JSON.parse(both.stdout)).toMatchObject({
      complete: false,
      series: [
        {
          timeframe: '5m',
          candles: 372,
          stored: 360,
          missing: [{ candles: 12, reason: 'unconfirmed' }],
        },
        {
          timeframe: '1h',
          candles: 31,
          stored: 30,
          missing: [{ candles: 1, reason: 'unconfirmed' }],
        },
      ],
    });
  });

  it('explain says where a candle came from, or why it is not there', async () => {
    const explain = async (time: number, timeframe = '5m') => {
      const { code, stdout } = await collector.m1([
        ...['gaps', 'explain', SYMBOL, timeframe, iso(time), '--json'],
      ]);
      return { code, ...(JSON.parse(stdout) as { status: string; from: string }) };
    };
    const { rows } = await collector.sql.query<{ run_id: string; workflow_id: string }>(
      'select run_id, workflow_id from "fetch" where symbol = $1 limit 1',
      [SYMBOL],
    );
    const stored = await explain(FROM + 299_000);
    expect(stored).toMatchObject({ code: 0, status: 'stored', from: iso(FROM) });
    expect(stored).toMatchObject({ fetches: [{ ...rows[0], source: 'rest' }] });
    expect(await explain(HOLE.fromMs)).toMatchObject({
      ...{ code: 3, status: 'unconfirmed' },
      gap: { asked: 1, found_by: rows[0]?.workflow_id, answers: [{ run_id: rows[0]?.run_id }] },
    });
    expect(await explain(NOW)).toMatchObject({ code: 3, status: 'open' });
    expect(await explain(FROM, '4h')).toMatchObject({ code: 3, status: 'never_asked' });
    expect(await explain(Date.parse('2099-01-01'))).toMatchObject({ code: 3, status: 'future' });
    const { stdout } = await collector.m1(['gaps', 'explain', SYMBOL, '5m', iso(FROM)]);
    expect(stdout).toContain('BTCUSDT 5m 2026-11-18 00:00 to 2026-11-18 00:05 UTC: stored');
  });

  it('repair says what the exchange still lacks', async () => {
    const { code, stdout, stderr } = await collector.m1(['gaps', 'repair', '--timeframe', '1h']);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('repaired: 0 candles');
    expect(stdout).toContain('the exchange still lacks 1 candle');
  });

  it('repair stores what the exchange has by now', async () => {
    collector.simulator.control.changeSymbol(SYMBOL, { holes: [] });
    const { code, stdout, stderr } = await collector.m1(['gaps', 'repair']);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('repaired: 13 candles, nothing is left');
    expect(await listed()).toEqual([]);
    expect((await check(FROM, NOW, '--timeframe', '5m,1h')).code).toBe(0);
    for (const timeframe of ['5m', '1h'] as const) {
      await expectTruth(collector.simulator, collector.sql, {
        ...{ symbol: SYMBOL, timeframe, fromMs: FROM, toMs: NOW },
      });
    }
    await expectInvariant(collector.sql);
    expect((await collector.m1(['gaps', 'repair'])).stdout).toContain('nothing to repair');
  });

  it('repair of what was proved asks again, and closes it when the exchange has it', async () => {
    await collector.sql.query(`delete from ohlcv where symbol = $1 and "timestamp" = $2`, [
      ...[SYMBOL, iso(HOLE.fromMs)],
    ]);
    await collector.sql.query(
      `with c as (update coverage set candles = candles - 1 where symbol = $1 returning timeframe)
       insert into gap (symbol, timeframe, period, kind, found_at, found_by, asked, last_asked)
       select $1, timeframe, tstzrange($2, $2::timestamptz + m1_timeframe(timeframe)), 'no_trades',
         now(), 'test', 3, now() - interval '2 days' from c`,
      [SYMBOL, iso(HOLE.fromMs)],
    );
    expect((await collector.m1(['gaps', 'repair'])).stdout).toContain('nothing to repair');
    const { code, stdout, stderr } = await collector.m1(['gaps', 'repair', '--kind', 'no_trades']);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('repaired: 2 candles, nothing is left');
  });

  it('repair without a worker says so', async () => {
    await worker.stop();
    await collector.sql.query(
      `insert into gap (symbol, timeframe, period, kind, found_at, found_by, asked)
       values ($1, '4h', '[2026-11-18 00:00+00,2026-11-18 04:00+00)', 'failed', now(), 'test', 0)`,
      [SYMBOL],
    );
    const child = collector.spawnM1(['gaps', 'repair']);
    const said = await new Promise<string>((resolve) => {
      let text = '';
      child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.includes('no worker is running')) resolve(text);
      });
    });
    expect(said).toContain('start m1 worker or m1 up');
    child.kill('SIGINT');
    await new Promise((resolve) => child.once('exit', resolve));
  });
});
