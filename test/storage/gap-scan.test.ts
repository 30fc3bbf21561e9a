import { beforeEach, describe, expect, test } from 'vitest';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { SqlGapQueue } from '../../storage/gap-queue.js';
import { SqlRowScan } from '../../storage/gap-scan.js';
import { DATABASES, emptyForEach, type TestDatabase } from './databases.js';
import { at, numbers, ORIGIN, pageOf, SERIES, span } from './pages.js';
import { broken, readStored } from './stored.js';

const HOUR_MS = 3_600_000;
const HOURLY = { symbol: 'BTCUSDT', timeframe: '1h' } as const;
const ETH = { symbol: 'ETHUSDT', timeframe: '5m' } as const;

describe.each(DATABASES)('the scan of the stored rows on $kind', ({ open, hypertable }) => {
  const test_ = emptyForEach(open);
  let nowMs: number;
  let store: SqlCandleStore;
  let queue: SqlGapQueue;
  let scan: SqlRowScan;

  beforeEach(async () => {
    await test_.database.query('truncate row_scan');
    nowMs = at(5000);
    const now = () => nowMs;
    const options = { database: test_.database, reaskMs: [1_000], now };
    store = new SqlCandleStore(options);
    queue = new SqlGapQueue(options);
    scan = new SqlRowScan(test_.database, now);
    for (const series of [SERIES, HOURLY, ETH]) {
      await store.storePage(
        pageOf(0, 1000, [...numbers(0, 400), ...numbers(402, 1000)], { series }),
      );
    }
    await store.storePage(pageOf(1000, 1010, numbers(1000, 1006), { openIndex: 1005 }));
  });

  const stored = (series = SERIES) => readStored(test_.database, series);
  const deleteRows = (from: number, to: number) =>
    test_.database.query(
      `delete from ohlcv where symbol = $1 and timeframe = $2
         and "timestamp" >= $3::timestamptz and "timestamp" < $4::timestamptz`,
      [SERIES.symbol, SERIES.timeframe, iso(at(from)), iso(at(to))],
    );

  test('lists what coverage claims and the table lacks, due at once', async () => {
    expect(await scan.scan(ORIGIN, {})).toEqual({ series: 3, drifted: 0, candles: 0 });
    await deleteRows(100, 103);
    await deleteRows(390, 410);
    await deleteRows(1004, 1005);
    expect(broken(await stored())).not.toEqual([]);

    expect(await scan.scan(ORIGIN, {})).toEqual({ series: 3, drifted: 1, candles: 22 });
    const gap = { kind: 'unconfirmed', asked: 0, nextAskMs: nowMs, open: true };
    expect((await stored()).gaps).toEqual([
      { ...span(100, 103), ...gap },
      { ...span(390, 400), ...gap },
      expect.objectContaining({ ...span(400, 402), asked: 1 }),
      { ...span(402, 410), ...gap },
      { ...span(1004, 1005), ...gap },
    ]);
    for (const series of [SERIES, HOURLY, ETH]) {
      expect(broken(await stored(series), series)).toEqual([]);
    }
    expect((await queue.due(10)).map(({ period, foundBy }) => [period, foundBy])).toContainEqual([
      span(100, 103),
      ORIGIN.workflowId,
    ]);
    expect(await scan.scan(ORIGIN, {})).toMatchObject({ drifted: 0 });
    expect(await store.storePage(pageOf(0, 1000, numbers(0, 1000)))).toEqual({ added: 23 });
    expect(broken(await stored())).toEqual([]);
  });

  test('corrects a wrong count', async () => {
    await test_.database.query('update coverage set candles = candles + 1');
    expect(await scan.scan(ORIGIN, {})).toEqual({ series: 3, drifted: 3, candles: 0 });
    for (const series of [SERIES, HOURLY, ETH]) {
      expect(broken(await stored(series), series)).toEqual([]);
    }
  });

  test('finds everything gone', async () => {
    await test_.database.query('truncate ohlcv');
    expect(await scan.scan(ORIGIN, {})).toEqual({ series: 3, drifted: 3, candles: 998 * 3 + 5 });
    for (const series of [SERIES, HOURLY, ETH]) {
      expect(broken(await stored(series), series)).toEqual([]);
    }
  });

  test('is due hourly when tables were emptied, and daily', async () => {
    expect(await scan.isDue()).toBe(true);
    // the deletions of the tests before
    if (!hypertable) await flushStatistics(test_);
    await scan.scan(ORIGIN, {});
    nowMs += HOUR_MS;
    expect(await scan.isDue()).toBe(false);
    nowMs += 23 * HOUR_MS - 1;
    expect(await scan.isDue()).toBe(false);
    nowMs += 1;
    expect(await scan.isDue()).toBe(true);
    await scan.scan(ORIGIN, {});
    await test_.database.query('truncate ohlcv');
    nowMs += HOUR_MS - 1;
    expect(await scan.isDue()).toBe(false);
    nowMs += 1;
    expect(await scan.isDue()).toBe(true);
  });

  // the embedded server never publishes its statistics
  test.skipIf(hypertable)('is due hourly when rows were deleted', async () => {
    await scan.scan(ORIGIN, {});
    nowMs += HOUR_MS;
    await deleteRows(100, 101);
    await flushStatistics(test_);
    expect(await scan.isDue()).toBe(true);
    expect(await scan.scan(ORIGIN, {})).toMatchObject({ candles: 1 });
    nowMs += HOUR_MS;
    await store.storePage(pageOf(2000, 2010, numbers(2000, 2010)));
    await flushStatistics(test_);
    expect(await scan.isDue()).toBe(false);
  });
});

/** Deletions are counted when a connection has been idle for a moment, or at once when told so. */
async function flushStatistics({ database }: Pick<TestDatabase, 'database'>): Promise<void> {
  // all at once, since one after the other would be of the same connection
  const flush = (): Promise<unknown> => database.query('select pg_stat_force_next_flush()');
  await Promise.all(Array.from({ length: 8 }, flush));
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
