import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TIMEFRAMES, timeframeMs } from '../../domain/timeframe.js';
import { startCollector, type Collector } from './collector.js';
import { expectInvariant, expectTruth } from './compare-with-truth.js';

const DAY = 86_400_000;
/** Twenty seconds into a candle, so that each timeframe has one that is open. */
const NOW = Date.parse('2026-11-20T10:03:20Z');
const PAIRS = 20;

interface BackfillDocument {
  workflow_id: string;
  run_id: string;
  status: string;
  series: number;
  candles: number;
  requests: number;
  seconds: number;
  failed: { symbol: string; timeframe: string; reason: string }[];
}

describe('a backfill of 20 pairs, 90 days and five timeframes', () => {
  let collector: Collector;
  let symbols: string[];

  beforeAll(async () => {
    // The market's clock stands still, so the truth is the same at every comparison.
    collector = await startCollector({
      simulator: { now: NOW, speed: 0, pairs: 40, recentListings: 4 },
    });
    await collector.startWorker();
  });
  afterAll(() => collector.close());

  const klines = () => collector.simulator.stats.klines();
  const stats = () => collector.simulator.stats.snapshot();

  async function backfill(...args: string[]): Promise<BackfillDocument> {
    const { code, stdout, stderr } = await collector.m1(['backfill', ...args, '--json']);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as BackfillDocument;
  }

  async function expectAll(days: number): Promise<number> {
    let candles = 0;
    for (const symbol of symbols) {
      for (const timeframe of TIMEFRAMES) {
        const range = { symbol, timeframe, fromMs: NOW - days * DAY, toMs: NOW };
        candles += await expectTruth(collector.simulator, collector.sql, range);
      }
    }
    await expectInvariant(collector.sql);
    return candles;
  }

  it('stores exactly what the market has', async () => {
    const result = await backfill('--top', String(PAIRS));
    const { rows } = await collector.sql.query<{ symbol: string }>(
      'select distinct symbol from coverage order by 1',
    );
    symbols = rows.map(({ symbol }) => symbol);
    expect(symbols).toHaveLength(PAIRS);
    expect(result.series).toBe(PAIRS * TIMEFRAMES.length);
    expect(result.status).toBe('done');
    expect(result.failed).toEqual([]);
    expect(await expectAll(90)).toBe(result.candles);
  });

  it('never asked more than the budget allows', () => {
    expect(stats().mostIn5s).toBeLessThanOrEqual(570);
    expect(stats().refusals).toBe(0);
  });

  it('stores the open candle and does not count it', async () => {
    const { rows } = await collector.sql.query<{ timeframe: string; time: Date }>(
      `select o.timeframe, max(o."timestamp") as time from ohlcv o where symbol = 'BTCUSDT' group by 1`,
    );
    for (const { timeframe, time } of rows) {
      const length = timeframeMs(timeframe as (typeof TIMEFRAMES)[number]);
      expect(time.getTime(), timeframe).toBe(Math.floor(NOW / length) * length);
    }
    const closed = await collector.sql.query(
      `select 1 from ohlcv_closed where "timestamp" + m1_timeframe(timeframe) > $1`,
      [new Date(NOW)],
    );
    expect(closed.rowCount).toBe(0);
  });

  it('asks for no candle in a second run', async () => {
    const before = klines().length;
    const result = await backfill('--top', String(PAIRS));
    expect(klines().length).toBe(before);
    expect(result.candles).toBe(0);
  });

  it('fetches only what is new at the old end when --days grows', async () => {
    const before = klines().length;
    await backfill('--top', String(PAIRS), '--days', '100');
    const asked = klines().slice(before);
    expect(asked.length).toBeGreaterThan(0);
    for (const { end, interval } of asked) {
      expect(Number(end), `interval ${String(interval)}`).toBeLessThan(NOW - 90 * DAY);
    }
    await expectAll(100);
  });

  it('fetches the new candles when the market has moved on, one request a series', async () => {
    collector.simulator.control.setClock({ nowMs: NOW + 4 * 3_600_000 });
    const before = klines().length;
    await backfill('--top', String(PAIRS), '--days', '100');
    const asked = klines().length - before;
    // 1d has no new candle; the pairs that lead by turnover may have changed
    expect(asked).toBeLessThanOrEqual(PAIRS * TIMEFRAMES.length);
    await expectInvariant(collector.sql);
  });

  it('shows the same figures by coverage and by counting rows', async () => {
    const status = async (...args: string[]) => {
      const { stdout } = await collector.m1(['status', '--json', ...args]);
      return (JSON.parse(stdout) as { series: unknown[] }).series;
    };
    expect(await status()).toEqual(await status('--exact'));
  });
});

describe('the life of a pair', () => {
  let collector: Collector;

  beforeAll(async () => {
    collector = await startCollector({ simulator: { now: NOW, speed: 0 } });
    await collector.startWorker();
  });
  afterAll(() => collector.close());

  it('listed 20 days ago, 90 days asked: one probe, and nothing asked again', async () => {
    const { control, stats } = collector.simulator;
    const listedMs = NOW - 20 * DAY - 3_600_000;
    control.changeSymbol('NEWUSDT', { listedMs });
    const first = await collector.m1(['backfill', '--symbol', 'NEWUSDT', '--json']);
    expect(first.code, first.stderr).toBe(0);
    const asked = stats.klines();
    const dayMs = Math.floor(listedMs / DAY) * DAY;
    const early = asked.filter(({ start }) => Number(start) < dayMs);
    expect(early.map(({ interval }) => interval)).toEqual(['D']);
    for (const timeframe of TIMEFRAMES) {
      await expectTruth(collector.simulator, collector.sql, {
        ...{ symbol: 'NEWUSDT', timeframe, fromMs: NOW - 90 * DAY, toMs: NOW },
      });
    }
    await expectInvariant(collector.sql);
    const gaps = await collector.sql.query(
      `select distinct kind from gap where symbol = 'NEWUSDT' and closed_at is null`,
    );
    expect(gaps.rows).toEqual([{ kind: 'before_listing' }]);

    const second = await collector.m1(['backfill', '--symbol', 'NEWUSDT', '--json']);
    expect(second.code).toBe(0);
    const grown = await collector.m1(['backfill', '--symbol', 'NEWUSDT', '--days', '200']);
    expect(grown.code).toBe(0);
    expect(stats.klines()).toHaveLength(asked.length);
  });

  it('a hole of weeks does not stop the paging', async () => {
    const { control } = collector.simulator;
    const midnight = Math.floor(NOW / DAY) * DAY;
    const hole = { fromMs: midnight - 60 * DAY, toMs: midnight - 30 * DAY };
    control.changeSymbol('HOLEUSDT', { listedMs: NOW - 400 * DAY, holes: [hole] });
    const { code, stderr } = await collector.m1(['backfill', '--symbol', 'HOLEUSDT']);
    expect(code, stderr).toBe(0);
    for (const timeframe of TIMEFRAMES) {
      const range = { symbol: 'HOLEUSDT', timeframe, fromMs: NOW - 90 * DAY, toMs: NOW };
      expect(await expectTruth(collector.simulator, collector.sql, range)).toBeGreaterThan(0);
    }
    await expectInvariant(collector.sql);
    const { rows } = await collector.sql.query<{ kind: string; hours: number }>(
      `select kind, sum(extract(epoch from upper(period) - lower(period)) / 3600)::float as hours
         from gap where symbol = 'HOLEUSDT' and timeframe = '1h' and closed_at is null group by 1`,
    );
    expect(rows).toEqual([{ kind: 'unconfirmed', hours: 30 * 24 }]);
  });
});
