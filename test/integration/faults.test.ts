import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultEffect } from '../../simulator/fault-rule.js';
import { startCollector, type Collector } from './collector.js';
import { expectInvariant, expectTruth, storedRows } from './compare-with-truth.js';

const HOUR = 3_600_000;
const DAY = 86_400_000;
const NOW = Date.parse('2026-11-20T10:03:20Z');
/** The first hour begins after the range does, and the last one is still open. */
const CLOSED_HOURS = 90 * 24 - 1;
const ONE_SERIES = ['--timeframe', '1h', '--days', '90'];

interface Failed {
  symbol: string;
  timeframe: string;
  reason: string;
}

describe('what the venue does wrong', () => {
  let collector: Collector;
  let pair = 0;
  let symbol: string;

  beforeAll(async () => {
    collector = await startCollector({ simulator: { now: NOW, speed: 0, banMs: 1500 } });
    await collector.startWorker({ BYBIT_BAN_WAIT: '2s' });
  });
  afterAll(() => collector.close());

  beforeEach(() => {
    // A pair of its own for each test, so that no test meets what another one stored.
    symbol = `CASE${++pair}USDT`;
    collector.simulator.control.changeSymbol(symbol, { listedMs: NOW - 300 * DAY });
    collector.simulator.stats.reset();
  });
  afterEach(async () => {
    collector.simulator.faults.clear();
    await expectInvariant(collector.sql);
  });

  /** Makes the kline requests of this pair's 1h series fail. */
  function fault(effect: FaultEffect, times?: number): void {
    collector.simulator.faults.add({
      match: { endpoint: 'kline', symbol, interval: '60' },
      ...(times === undefined ? {} : { times }),
      effect,
    });
  }

  async function backfill(...args: string[]) {
    const result = await collector.m1(['backfill', '--symbol', symbol, ...args, '--json']);
    const document = result.stdout === '' ? {} : (JSON.parse(result.stdout) as object);
    return { ...result, document: document as { status?: string; failed?: Failed[] } };
  }

  function waits(): number[] {
    const arrivals = collector.simulator.stats
      .klines()
      .filter(({ interval }) => interval === '60')
      .map(({ arrivalMs }) => arrivalMs);
    return arrivals.slice(1).map((arrival, i) => arrival - (arrivals[i] ?? 0));
  }

  async function expectExact(): Promise<void> {
    const range = { symbol, timeframe: '1h' as const, fromMs: NOW - 90 * DAY, toMs: NOW };
    expect(await expectTruth(collector.simulator, collector.sql, range)).toBe(CLOSED_HOURS);
  }

  it('three failures of one page are survived with waits of 1, 2 and 4 s', async () => {
    const windowStart = Math.ceil((NOW - 90 * DAY) / HOUR) * HOUR;
    collector.simulator.faults.add({
      match: { endpoint: 'kline', symbol, startFromMs: windowStart, startToMs: windowStart + 1 },
      times: 3,
      effect: { kind: 'status', status: 500, body: 'html' },
    });
    const { code, stderr } = await backfill(...ONE_SERIES);
    expect(code, stderr).toBe(0);
    await expectExact();
    const asked = collector.simulator.stats
      .klines()
      .filter(({ start }) => Number(start) === windowStart)
      .map(({ arrivalMs }) => arrivalMs);
    expect(asked).toHaveLength(4);
    const [first = 0, second = 0, third = 0] = asked.slice(1).map((t, i) => t - (asked[i] ?? 0));
    expect(first).toBeGreaterThan(950);
    expect(second).toBeGreaterThan(1950);
    expect(third).toBeGreaterThan(3950);
  });

  it('a fourth failure records the series; the others go on; --only-failed mends it', async () => {
    fault({ kind: 'retCode', retCode: 10016, retMsg: 'System error. Please try again later.' });
    const { code, document, stderr } = await backfill('--timeframe', '1h', '--timeframe', '4h');
    expect(code, stderr).toBe(3);
    expect(document.status).toBe('partial');
    expect(document.failed).toHaveLength(1);
    expect(document.failed?.[0]).toMatchObject({ symbol, timeframe: '1h' });
    expect(document.failed?.[0]?.reason).toMatch(/10016/);
    await expectTruth(collector.simulator, collector.sql, {
      ...{ symbol, timeframe: '4h', fromMs: NOW - 90 * DAY, toMs: NOW },
    });
    const recorded = await collector.sql.query(
      `select kind from gap where symbol = $1 and closed_at is null`,
      [symbol],
    );
    expect(recorded.rows).toContainEqual({ kind: 'failed' });

    collector.simulator.faults.clear();
    collector.simulator.stats.reset();
    const again = await backfill('--timeframe', '1h', '--timeframe', '4h', '--only-failed');
    expect(again.code, again.stderr).toBe(0);
    const intervals = collector.simulator.stats.klines().map(({ interval }) => interval);
    expect(new Set(intervals)).toEqual(new Set(['60']));
    await expectExact();
  });

  it('10006 is waited out as long as the venue says, without counting', async () => {
    fault({ kind: 'retCode', retCode: 10006, retMsg: 'Too many visits!', resetAfterMs: 300 }, 6);
    const { code, stderr } = await backfill(...ONE_SERIES);
    expect(code, stderr).toBe(0);
    await expectExact();
  });

  it("403 with the venue's own text is a ban: nothing is asked until it is over", async () => {
    fault({ kind: 'status', status: 403, body: 'ban' }, 1);
    const { code, stderr } = await backfill('--timeframe', '1h', '--days', '30');
    expect(code, stderr).toBe(0);
    expect(Math.max(...waits())).toBeGreaterThan(1900);
    const { rows } = await collector.sql.query('select not_before from ban');
    expect(rows).toHaveLength(1);
  });

  it('403 without it is a refused region: the run ends at once with its cause', async () => {
    fault({ kind: 'status', status: 403, body: 'region' });
    const { code, stderr } = await backfill(...ONE_SERIES);
    expect(code).toBe(1);
    expect(stderr).toMatch(/region/i);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(await storedRows(collector.sql, symbol, '1h')).toEqual([]);
  });

  const SURVIVED: [string, FaultEffect][] = [
    ['10016', { kind: 'retCode', retCode: 10016 }],
    ['10002', { kind: 'retCode', retCode: 10002 }],
    ['HTTP 500', { kind: 'status', status: 500, body: 'html' }],
    ['a reset connection', { kind: 'reset' }],
    ['HTML in a 200', { kind: 'html200' }],
    ['truncated JSON in a 200', { kind: 'truncated' }],
    ['an empty body', { kind: 'emptyBody' }],
    ['result null', { kind: 'resultNull' }],
    ['list null', { kind: 'listNull' }],
    ['an empty list', { kind: 'listEmpty' }],
    ['unsorted rows', { kind: 'unsorted' }],
    ['duplicate rows', { kind: 'duplicates' }],
    ['the same row with two values', { kind: 'conflicts' }],
    ['rows outside the window', { kind: 'outside' }],
    ['prices that are no numbers', { kind: 'nonNumeric' }],
    ['open times off the grid', { kind: 'offGrid' }],
    ['rows of three cells', { kind: 'shortRows' }],
  ];
  it.each(SURVIVED)('%s once: the table is exact all the same', async (_name, effect) => {
    fault(effect, 1);
    const { code, stderr } = await backfill(...ONE_SERIES);
    expect(code, stderr).toBe(0);
    expect(collector.simulator.stats.snapshot().faults).toBe(1);
    await expectExact();
  });

  it('a socket that hangs in the middle of a body is given up after its time', async () => {
    fault({ kind: 'hangMidBody' }, 1);
    const { code, stderr } = await backfill(...ONE_SERIES);
    expect(code, stderr).toBe(0);
    await expectExact();
  });

  const SKIPPED: [string, FaultEffect][] = [
    ['null prices', { kind: 'nullCells', rows: 3 }],
    ['empty prices', { kind: 'emptyCells', rows: 3 }],
  ];
  it.each(SKIPPED)('%s are skipped and asked again by the next run', async (_name, effect) => {
    fault(effect, 1);
    const { code, stderr } = await backfill(...ONE_SERIES);
    expect(code, stderr).toBe(0);
    expect(await storedRows(collector.sql, symbol, '1h')).toHaveLength(CLOSED_HOURS - 3 + 1);
    await expectInvariant(collector.sql);
    expect((await backfill(...ONE_SERIES)).code).toBe(0);
    await expectExact();
  });

  it('a hole that a page shows once becomes an unconfirmed gap, never a settled nothing', async () => {
    fault({ kind: 'missingRows', rows: 5 }, 1);
    const { code } = await backfill(...ONE_SERIES);
    expect(code).toBe(0);
    const { rows } = await collector.sql.query<{ kind: string; hours: number }>(
      `select kind, (extract(epoch from upper(period) - lower(period)) / 3600)::int as hours
         from gap where symbol = $1 and timeframe = '1h' and closed_at is null`,
      [symbol],
    );
    expect(rows).toEqual([{ kind: 'unconfirmed', hours: 5 }]);
  });

  it('a listing probe that comes back empty once is asked again', async () => {
    collector.simulator.faults.add({
      match: { endpoint: 'kline', symbol, interval: 'D' },
      times: 1,
      effect: { kind: 'listEmpty' },
    });
    const { code, stderr } = await backfill(...ONE_SERIES);
    expect(code, stderr).toBe(0);
    await expectExact();
  });

  it('--only-failed finds what failed without being told which pairs', async () => {
    fault({ kind: 'retCode', retCode: 10016 });
    expect((await backfill(...ONE_SERIES)).code).toBe(3);
    collector.simulator.faults.clear();
    const again = await collector.m1(['backfill', ...ONE_SERIES, '--only-failed']);
    expect(again.code, again.stderr).toBe(0);
    await expectExact();
  });

  it('a pair that the venue no longer knows fails alone', async () => {
    fault({ kind: 'retCode', retCode: 10001, retMsg: 'Not supported symbols' });
    const { code, document } = await backfill('--timeframe', '1h', '--timeframe', '1d');
    expect(code).toBe(3);
    expect(document.failed?.map(({ timeframe }) => timeframe)).toEqual(['1h']);
  });
});
