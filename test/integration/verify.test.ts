import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { until } from '../stack/until.js';
import { startCollector, type Collector } from './collector.js';
import { expectInvariant, expectTruth } from './compare-with-truth.js';
import { startStream, stopStream, untilLive } from './streaming.js';

const DAY = 86_400_000;
/** Twenty seconds into a candle, so that each timeframe has one that is open. */
const NOW = Date.parse('2026-11-20T10:03:20Z');
const FROM = Date.parse('2026-11-10T00:00:00Z');
const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];

interface VerifyDocument {
  clean: boolean;
  series: number;
  candles: number;
  violations: { symbol: string; timeframe: string; check: string; time: string; found: string }[];
  venue: { stretches: number; candles: number; different: number; amended: number } | null;
  repair: { asked: number; missing: number; remaining: unknown[] } | null;
}

describe('m1 verify', () => {
  let collector: Collector;

  beforeAll(async () => {
    collector = await startCollector({ simulator: { now: NOW, speed: 0, pairs: 20 } });
    const hole = { fromMs: FROM + DAY, toMs: FROM + DAY + 3_600_000 };
    collector.simulator.control.changeSymbol('ETHUSDT', { holes: [hole] });
    await collector.startWorker();
    const { code, stderr } = await collector.m1([
      ...['backfill', '--symbol', SYMBOLS.join(','), '--from', iso(FROM)],
    ]);
    expect(code, stderr).toBe(0);
  });
  afterAll(() => collector.close());

  const iso = (timeMs: number): string => new Date(timeMs).toISOString().replace('.000Z', 'Z');

  async function verify(...args: string[]): Promise<VerifyDocument & { code: number | null }> {
    const { code, stdout, stderr } = await collector.m1(['verify', '--json', ...args]);
    expect([0, 3], stderr).toContain(code);
    return { code, ...(JSON.parse(stdout) as VerifyDocument) };
  }

  async function expectExact(): Promise<void> {
    for (const symbol of SYMBOLS) {
      for (const timeframe of TIMEFRAMES) {
        const range = { symbol, timeframe, fromMs: FROM, toMs: NOW };
        await expectTruth(collector.simulator, collector.sql, range);
      }
    }
    await expectInvariant(collector.sql);
  }

  const change = (set: string, timeframe: string, timeMs: number) =>
    collector.sql.query(
      `update ohlcv set ${set} where symbol = 'BTCUSDT' and timeframe = $1 and "timestamp" = $2`,
      [timeframe, iso(timeMs)],
    );

  it('is clean after a backfill with holes', async () => {
    const result = await verify('--venue', '12');
    expect(result).toMatchObject({ code: 0, clean: true, series: 10, violations: [] });
    expect(result.venue).toMatchObject({ stretches: 12, different: 0, amended: 0 });
    const { stdout } = await collector.m1(['verify', '--symbol', 'BTCUSDT', '--timeframe', '5m']);
    expect(stdout).toMatch(/^SIMULATED/);
    expect(stdout).toMatch(/clean: 1 series, 3,00\d candles/);
    for (const named of ['BTCUSD', 'BTCUSDT,BTCUSD']) {
      const mistyped = await collector.m1(['verify', '--symbol', named]);
      expect(mistyped).toMatchObject({ code: 2, stdout: '' });
      expect(mistyped.stderr).toContain('nothing is stored of BTCUSD: m1 status');
    }
  });

  it('finds and mends what was changed by hand', async () => {
    await change('close = low / 2', '5m', FROM + 2 * DAY);
    await change('close = close + 0.01, high = high + 0.01', '1h', FROM + 3 * DAY);
    await collector.sql.query(
      `delete from ohlcv where symbol = 'ETHUSDT' and timeframe = '15m'
         and "timestamp" >= $1 and "timestamp" < $2`,
      [iso(FROM + 4 * DAY), iso(FROM + 5 * DAY)],
    );
    await collector.sql.query(
      `update coverage set candles = 1 where symbol = 'ETHUSDT' and timeframe = '4h'`,
    );
    const found = await verify();
    expect(found.code).toBe(3);
    expect(found.violations.map((one) => [one.symbol, one.timeframe, one.check, one.time])).toEqual(
      [
        ['BTCUSDT', '5m', 'prices', iso(FROM + 2 * DAY)],
        ['BTCUSDT', '1h', 'roll_up', iso(FROM + 3 * DAY)],
        ['ETHUSDT', '15m', 'missing_row', iso(FROM + 4 * DAY)],
        ['ETHUSDT', '4h', 'candle_count', expect.any(String)],
      ],
    );
    const table = await collector.m1(['verify']);
    expect(table.code).toBe(3);
    expect(table.stdout).toContain('4 violations: 10 series');

    const mended = await verify('--repair');
    expect(mended).toMatchObject({ code: 0, clean: true });
    expect(mended.repair).toEqual({ asked: 98, missing: 0, remaining: [] });
    expect(await verify()).toMatchObject({ code: 0, violations: [] });
    await expectExact();
  });

  it('finds with the exchange what only the exchange knows, and mends it', async () => {
    // in the middle of a roll-up: no candle contradicts it
    const timeMs = FROM + 6 * DAY + 300_000;
    await change('close = (high + low) / 2', '5m', timeMs);
    expect(await verify()).toMatchObject({ code: 0 });
    // three stretches of a thousand candles may miss one of three thousand
    const args = ['--symbol', 'BTCUSDT', '--timeframe', '5m', '--venue', '60'];
    const found = await verify(...args);
    expect(found.code).toBe(3);
    expect(found.violations.map(({ check, time }) => [check, time])).toEqual([
      ['venue', iso(timeMs)],
    ]);
    expect(found.violations[0]?.found).toMatch(/^close /);
    const mended = await verify(...args, '--repair');
    expect(mended).toMatchObject({ code: 0, repair: { asked: 1, missing: 0, remaining: [] } });
    await expectExact();
  });

  it('is clean while the stream and the repair write', async () => {
    collector.simulator.control.setClock({ speed: 60 });
    await startStream(collector, ['--symbol', SYMBOLS.join(',')]);
    await untilLive(collector);
    for (const candles of [1, 4, 8]) {
      await until('candles of the stream', async () => {
        const { rows } = await collector.sql.query<{ candles: number }>(
          `select coalesce(sum(added), 0)::int as candles from "fetch" where source = 'ws'`,
        );
        return (rows[0]?.candles ?? 0) >= candles ? true : undefined;
      });
      expect(await verify()).toMatchObject({ code: 0, violations: [] });
    }
    await stopStream(collector);
    collector.simulator.control.setClock({ speed: 0 });
    expect(await verify()).toMatchObject({ code: 0, violations: [] });
  });
});
