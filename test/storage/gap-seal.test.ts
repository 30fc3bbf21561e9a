import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { SqlGapQueue } from '../../storage/gap-queue.js';
import { readGaps } from '../../storage/read-gaps.js';
import { clear, DATABASES, opened, type TestDatabase } from './databases.js';
import { at, numbers, ORIGIN, pageOf, SERIES } from './pages.js';
import { broken, readStored } from './stored.js';

const REASON = 'the venue no longer lists the pair';

describe.each(DATABASES)('a delisted symbol on $kind', ({ open }) => {
  let test_: TestDatabase;
  let store: SqlCandleStore;
  let queue: SqlGapQueue;

  beforeAll(async () => {
    test_ = await opened(open);
  });
  afterAll(() => test_.close());
  beforeEach(async () => {
    await clear(test_.database);
    const options = { database: test_.database, reaskMs: [1_000], now: () => at(1000) };
    store = new SqlCandleStore(options);
    queue = new SqlGapQueue(options);
  });

  const span = (from: number, to: number) => ({ fromMs: at(from), toMs: at(to) });
  const gapsOf = async (symbol: string) =>
    (await readGaps(test_.database, { symbols: [symbol] })).gaps.map(
      ({ timeframe, period, kind, nextAskMs, reason }) => ({
        ...{ timeframe, ...period, kind, nextAskMs, reason },
      }),
    );

  test('lacks after its last candle what lies after the delisting', async () => {
    const other = { symbol: 'ETHUSDT', timeframe: '5m' } as const;
    const empty = { symbol: SERIES.symbol, timeframe: '1h' } as const;
    for (const series of [SERIES, other]) {
      await store.storePage(pageOf(0, 10, [0, 1, 2, 4, 5, 6], { series }));
      await store.settleFailed(series, [span(10, 20)], ORIGIN, 'HTTP 502');
    }
    await store.settleFailed(empty, [span(0, 12)], ORIGIN, 'HTTP 502');
    const others = await gapsOf(other.symbol);

    expect(await queue.seal(SERIES.symbol, REASON)).toBe(4);
    const sealed = { nextAskMs: undefined, reason: REASON };
    expect(await gapsOf(SERIES.symbol)).toEqual([
      { timeframe: '5m', ...span(3, 4), kind: 'unconfirmed', ...sealed },
      { timeframe: '5m', ...span(7, 10), kind: 'after_delisting', ...sealed },
      { timeframe: '5m', ...span(10, 20), kind: 'after_delisting', ...sealed },
      // nobody knows when it was traded
      { timeframe: '1h', ...span(0, 12), kind: 'failed', ...sealed },
    ]);
    expect(await gapsOf(other.symbol)).toEqual(others);
    expect(broken(await readStored(test_.database))).toEqual([]);
    expect(await queue.seal(SERIES.symbol, REASON)).toBe(0);
    // listed again: what the venue has is taken
    expect(await store.storePage(pageOf(7, 10, [8, 9]))).toEqual({ added: 2 });
    expect(broken(await readStored(test_.database))).toEqual([]);
  });

  test('has failed in what it lived through and nobody was answered for', async () => {
    const hourly = { symbol: SERIES.symbol, timeframe: '1h' } as const;
    await store.storePage(pageOf(0, 3, [0, 1, 2], { series: hourly }));
    await store.storePage(pageOf(0, 10, numbers(0, 10)));
    await store.settleFailed(SERIES, [span(15, 30)], ORIGIN, 'HTTP 502');
    // the last of the hourly candles opened with the 24th of the others
    await store.settleAfterDelisting([SERIES, hourly], at(40), ORIGIN);
    const due = { nextAskMs: at(1000) };
    const after = [span(24, 30), span(30, 40)].map((gap) => ({
      ...{ timeframe: '5m', ...gap, kind: 'after_delisting' },
      ...{ nextAskMs: undefined, reason: undefined },
    }));
    const lost = [
      { ...span(10, 15), reason: 'the venue no longer serves the pair' },
      { ...span(15, 24), reason: 'HTTP 502' },
    ].map((gap) => ({ timeframe: '5m', ...gap, kind: 'failed' }));
    expect(await gapsOf(SERIES.symbol)).toEqual([
      ...lost.map((gap) => ({ ...gap, ...due })),
      ...after,
    ]);
    expect(broken(await readStored(test_.database))).toEqual([]);
    // nobody will have them any more
    expect(await queue.seal(SERIES.symbol, REASON)).toBe(2);
    expect(await gapsOf(SERIES.symbol)).toEqual([
      ...lost.map((gap) => ({ ...gap, nextAskMs: undefined, reason: REASON })),
      ...after,
    ]);
  });
});
