import { beforeEach, describe, expect, test } from 'vitest';
import type { LiveCandle } from '../../domain/live-candle.js';
import type { FetchOrigin } from '../../domain/stores.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { SqlLiveCandleStore } from '../../storage/live-candle-store.js';
import { clear, DATABASES, emptyForEach } from './databases.js';
import {
  at,
  candlesAt,
  liveCandle,
  numbers,
  ORIGIN as REST,
  pageOf,
  SERIES,
  span,
} from './pages.js';
import { broken, readStored } from './stored.js';

const NOW_MS = at(1000);
const ORIGIN: FetchOrigin = {
  source: 'ws',
  workflowId: 'stream/bybit/spot/0',
  runId: '0198c0de-0000-7000-8000-000000000002',
};
const HOURLY = { symbol: 'BTCUSDT', timeframe: '1h' } as const;

describe.each(DATABASES)('live candle store on $kind', ({ open }) => {
  const test_ = emptyForEach(open);
  let pages: SqlCandleStore;
  let live: SqlLiveCandleStore;

  beforeEach(() => {
    const options = { database: test_.database, reaskMs: [300_000], now: () => NOW_MS };
    pages = new SqlCandleStore(options);
    live = new SqlLiveCandleStore(options);
  });

  const stored = () => readStored(test_.database);
  const close = (...indexes: number[]) =>
    live.storeClosed(
      indexes.map((index) => liveCandle(index)),
      ORIGIN,
    );
  const one = async <Row>(sql: string): Promise<Row | undefined> =>
    (await test_.database.query<Row>(sql)).rows[0];
  const spans = async () => {
    const { rows } = await test_.database.query<{ from: Date; to: Date }>(
      `select extract(epoch from lower(period))::float8 * 1000 as "fromMs",
         extract(epoch from upper(period))::float8 * 1000 as "toMs", rows, added, run_id as run
       from "fetch" where source = 'ws' order by lower(period), upper(period), rows`,
    );
    return rows;
  };

  test('candles follow each other, of many series at once', async () => {
    await pages.storePage(pageOf(0, 4, numbers(0, 4)));
    const first = [liveCandle(0, { series: HOURLY }), liveCandle(4)];
    expect(await live.storeClosed(first, ORIGIN)).toEqual({
      added: [first[0], first[1]],
      revised: 0,
      gaps: 0,
    });
    await live.storeClosed([liveCandle(5)], ORIGIN);
    expect(await stored()).toMatchObject({ covered: [span(0, 6)], candles: 6, gaps: [] });
    expect(await readStored(test_.database, HOURLY)).toMatchObject({ candles: 1, gaps: [] });
    expect(
      await one(`select * from ohlcv where "timestamp" = to_timestamp(${at(5) / 1000})`),
    ).toMatchObject({
      ...{ symbol: 'BTCUSDT', timeframe: '5m', open: 105, high: 115.5, low: 95.25 },
      ...{ close: 106, volume: 0.5, turnover: 500_000 },
    });
  });

  test('a series of which nothing is settled hands over nothing', async () => {
    expect(await close(7)).toMatchObject({ gaps: 0, added: [{ openTimeMs: at(7) }] });
    expect(await stored()).toMatchObject({ covered: [span(7, 8)], candles: 1, gaps: [] });
    // known to a page, and nothing of it settled
    await clear(test_.database);
    await pages.storePage(pageOf(3, 4, [3], { openIndex: 3 }));
    expect(await close(5)).toMatchObject({ gaps: 0 });
    expect(await stored()).toMatchObject({ covered: [span(5, 6)], candles: 1, gaps: [] });
    expect(broken(await stored())).toEqual([]);
  });

  test('what closed unseen before a candle becomes a gap that is due at once', async () => {
    await pages.storePage(pageOf(0, 4, [0, 1, 2, 3], { openIndex: 3 }));
    expect(await close(7, 5)).toMatchObject({ gaps: 2 });
    const after = await stored();
    const gap = { kind: 'disconnected', asked: 0, nextAskMs: NOW_MS, open: true };
    expect(after).toMatchObject({ covered: [span(0, 8)], candles: 5 });
    expect(after.gaps).toEqual([
      { ...span(3, 5), ...gap },
      { ...span(6, 7), ...gap },
    ]);
    // the row of the candle that was open does not stay as if it were closed
    expect(after.rowsMs).not.toContain(at(3));
    expect(await one('select found_by from gap')).toEqual({ found_by: ORIGIN.workflowId });
    expect(await close(4)).toMatchObject({ added: [{ openTimeMs: at(4) }], gaps: 0 });
    expect((await stored()).gaps.filter((row) => row.open).map(({ fromMs }) => fromMs)).toEqual([
      at(3),
      at(6),
    ]);
    expect(broken(await stored())).toEqual([]);
  });

  test('a candle before all that is settled is covered without a gap', async () => {
    await pages.storePage(pageOf(10, 12, [10, 11]));
    expect(await close(4)).toMatchObject({ gaps: 0 });
    expect(await stored()).toMatchObject({ covered: [span(4, 5), span(10, 12)], gaps: [] });
  });

  test.each([
    ['less', -0.25],
    ['equal', 0],
    ['more', 0.25],
  ])('the row of an open candle with %s volume is replaced', async (_, more) => {
    await pages.storePage(pageOf(0, 3, [0, 1, 2], { openIndex: 2, version: 1, more }));
    expect(await close(2)).toMatchObject({ added: [{ openTimeMs: at(2) }], revised: 0 });
    const at2 = `select close, volume from ohlcv where "timestamp" = to_timestamp(${at(2) / 1000})`;
    expect(await one(at2)).toEqual({ close: 103, volume: 0.2 });
    expect(broken(await stored())).toEqual([]);
  });

  test('a stored candle is replaced only by one with at least its volume', async () => {
    await close(0, 1);
    const versions = async (candle: LiveCandle) =>
      (await live.storeClosed([candle], ORIGIN)).revised;
    expect(await versions(liveCandle(1))).toBe(0);
    expect(await versions(liveCandle(1, { version: 1, more: -0.05 }))).toBe(0);
    expect(await versions(liveCandle(1, { version: 2 }))).toBe(1);
    expect(await versions(liveCandle(1, { version: 3, more: 5 }))).toBe(1);
    expect(await versions(liveCandle(1, { version: 2, more: 4 }))).toBe(0);
    expect(await one('select max(close) as close, max(volume) as volume from ohlcv')).toEqual({
      close: 102.375,
      volume: 5.1,
    });
    expect(await stored()).toMatchObject({ candles: 2, covered: [span(0, 2)] });
  });

  test('one row of fetch a span of the stream, up to a day', async () => {
    for (const index of numbers(0, 3)) await close(index);
    const run = ORIGIN.runId;
    expect(await spans()).toEqual([{ ...span(0, 3), rows: 3, added: 3, run }]);
    // known already: no trace; another run: a row of its own; a gap: a new row
    await close(2);
    await live.storeClosed([liveCandle(3)], { ...ORIGIN, runId: 'another' });
    await close(4);
    await close(6);
    await close(7, 8);
    expect(await spans()).toEqual([
      { ...span(0, 3), rows: 3, added: 3, run },
      { ...span(3, 4), rows: 1, added: 1, run: 'another' },
      { ...span(4, 5), rows: 1, added: 1, run },
      { ...span(6, 9), rows: 3, added: 3, run },
    ]);
    await close(...numbers(9, 6 + 288));
    await close(6 + 288);
    expect((await spans()).slice(3)).toEqual([
      { ...span(6, 6 + 288), rows: 288, added: 288, run },
      { ...span(6 + 288, 7 + 288), rows: 1, added: 1, run },
    ]);
    // a revision is told by a row of its own, and the longer span goes on
    await live.storeClosed([liveCandle(6 + 288, { version: 1 })], ORIGIN);
    await close(7 + 288);
    expect((await spans()).slice(4)).toEqual([
      { ...span(6 + 288, 7 + 288), rows: 1, added: 0, run },
      { ...span(6 + 288, 8 + 288), rows: 2, added: 2, run },
    ]);
  });

  test('a disconnect is handed over once, on the grid', async () => {
    await pages.storePage(pageOf(0, 4, [0, 1, 2, 3], { openIndex: 3 }));
    const ethereum = { symbol: 'ETHUSDT', timeframe: '5m' } as const;
    const asked = [ethereum, SERIES].map((series) => ({ ...series, untilMs: at(6) + 1 }));
    expect(await live.handOver(asked, ORIGIN)).toBe(1);
    expect(await live.handOver(asked, ORIGIN)).toBe(0);
    expect(await stored()).toMatchObject({
      covered: [span(0, 6)],
      candles: 3,
      gaps: [{ ...span(3, 6), kind: 'disconnected', asked: 0, nextAskMs: NOW_MS, open: true }],
    });
    // the row of the candle that was open, and is handed over now
    expect((await stored()).rowsMs).toEqual([at(0), at(1), at(2)]);
    expect(await readStored(test_.database, ethereum)).toMatchObject({ covered: [], gaps: [] });
    expect(await live.handOver([{ ...SERIES, untilMs: at(8) - 1 }], ORIGIN)).toBe(1);
    expect((await stored()).gaps).toMatchObject([span(3, 6), span(6, 7)]);
    expect(await close(7)).toMatchObject({ gaps: 0 });
    expect(broken(await stored())).toEqual([]);
  });

  describe('a page that reads candles again', () => {
    const reread = (
      from: number,
      to: number,
      rows: readonly number[],
      options: Parameters<typeof pageOf>[3] = {},
      confirmed?: ReturnType<typeof candlesAt>,
    ) => live.storeReread({ ...pageOf(from, to, rows, { origin: REST, ...options }), confirmed });

    test('fills gaps and leaves equal candles alone', async () => {
      await close(0, 4);
      const answer = await reread(0, 5, [0, 1, 2, 4]);
      expect(answer).toMatchObject({ addedMs: [at(1), at(2)], revised: 0 });
      expect(answer.doubted.openTimeMs).toHaveLength(0);
      const after = await stored();
      expect(after).toMatchObject({ candles: 4, covered: [span(0, 5)] });
      expect(after.gaps.filter((gap) => gap.open)).toMatchObject([
        { ...span(3, 4), kind: 'unconfirmed', asked: 1, nextAskMs: NOW_MS + 300_000 },
      ]);
      expect(broken(after)).toEqual([]);
    });

    test('replaces by volume, or by the same answer twice', async () => {
      await close(0, 1, 2);
      expect(await reread(0, 1, [0], { version: 1 })).toMatchObject({ revised: 1 });
      const lagging = { version: 2, more: -0.05 };
      const { doubted, revised } = await reread(1, 3, [1, 2], lagging);
      expect(revised).toBe(0);
      expect(doubted).toEqual(candlesAt([1, 2], '5m', 2, -0.05));
      // a different answer confirms nothing
      const other = candlesAt([1, 2], '5m', 3, -0.05);
      expect((await reread(1, 3, [1, 2], lagging, other)).doubted.openTimeMs).toHaveLength(2);
      expect(await reread(1, 3, [1, 2], lagging, doubted)).toMatchObject({ revised: 2 });
      const { rows } = await test_.database.query('select close from ohlcv order by "timestamp"');
      expect(rows).toEqual([{ close: 101.125 }, { close: 102.25 }, { close: 103.25 }]);
      expect(await stored()).toMatchObject({ candles: 3, covered: [span(0, 3)], gaps: [] });
    });

    test('without a stored candle does not remove it, and records the request', async () => {
      await close(0, 1);
      expect(await reread(0, 2, [1])).toMatchObject({ addedMs: [], revised: 0 });
      expect(await stored()).toMatchObject({ candles: 2, gaps: [] });
      expect(await one(`select rows, added, source from "fetch" where source <> 'ws'`)).toEqual({
        ...{ rows: 1, added: 0, source: 'rest' },
      });
    });

    test('replaces the row of an open candle whatever its volume', async () => {
      await pages.storePage(pageOf(0, 2, [0, 1], { openIndex: 1, version: 1, more: 1 }));
      expect(await reread(0, 2, [0, 1], { version: 2 })).toMatchObject({
        ...{ addedMs: [at(1)], revised: 0 },
        doubted: { openTimeMs: Float64Array.of(at(0)) },
      });
      const { rows } = await test_.database.query('select close from ohlcv order by "timestamp"');
      expect(rows).toEqual([{ close: 101.125 }, { close: 102.25 }]);
      expect(broken(await stored())).toEqual([]);
    });

    test('that saw a candle open which is closed now leaves it', async () => {
      await close(0, 1);
      await reread(0, 2, [0, 1], { openIndex: 1, version: 1, more: 1 });
      const { rows } = await test_.database.query('select close from ohlcv order by "timestamp"');
      expect(rows).toEqual([{ close: 101.125 }, { close: 102 }]);
      expect(broken(await stored())).toEqual([]);
    });
  });
});
