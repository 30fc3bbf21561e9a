import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GapRecord } from '../../domain/gap.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import type { Queryable } from '../../storage/database.js';
import { readAllGaps } from '../../storage/read-all-gaps.js';
import { readGaps, type GapFilter } from '../../storage/read-gaps.js';
import { DATABASES, opened, type TestDatabase } from './databases.js';
import { at, numbers, ORIGIN, pageOf } from './pages.js';

describe.each(DATABASES)('reading gaps on $kind', ({ open }) => {
  let test_: TestDatabase;

  beforeAll(async () => {
    test_ = await opened(open);
    const now = () => at(1000);
    const store = new SqlCandleStore({ database: test_.database, reaskMs: [1_000], now });
    for (const symbol of ['ETHUSDT', 'BTCUSDT']) {
      for (const timeframe of ['1h', '15m', '5m'] as const) {
        const series = { symbol, timeframe };
        await store.storePage(pageOf(0, 10, [0, 2, 4, 6, 7, 8, 9], { series }));
        await store.storePage(pageOf(3, 4, [3], { series }));
      }
    }
    const failed = { symbol: 'ETHUSDT', timeframe: '5m' } as const;
    await store.settleFailed(failed, [{ fromMs: at(20), toMs: at(30) }], ORIGIN, 'HTTP 502');
  });
  afterAll(() => test_.close());

  const names = ({ symbol, timeframe, period }: GapRecord) =>
    `${symbol} ${timeframe} ${(period.fromMs - at(0)) / 60_000}`;
  const read = async (filter: GapFilter) =>
    (await readGaps(test_.database, filter)).gaps.map(names);

  test('in order: symbol, timeframe by length, time', async () => {
    expect(await read({ openOnly: true })).toEqual([
      ...['BTCUSDT 5m 5', 'BTCUSDT 5m 25', 'BTCUSDT 15m 15', 'BTCUSDT 15m 75'],
      ...['BTCUSDT 1h 60', 'BTCUSDT 1h 300'],
      ...['ETHUSDT 5m 5', 'ETHUSDT 5m 25', 'ETHUSDT 5m 100', 'ETHUSDT 15m 15'],
      ...['ETHUSDT 15m 75', 'ETHUSDT 1h 60', 'ETHUSDT 1h 300'],
    ]);
    expect(await read({})).toHaveLength(19);
  });

  test('by symbol, timeframe, kind, range', async () => {
    const openOnly = true;
    expect(await read({ openOnly, symbols: ['ETHUSDT'], timeframes: ['1h', '15m'] })).toEqual([
      ...['ETHUSDT 15m 15', 'ETHUSDT 15m 75', 'ETHUSDT 1h 60', 'ETHUSDT 1h 300'],
    ]);
    expect(await read({ kinds: ['failed', 'no_trades'] })).toEqual(['ETHUSDT 5m 100']);
    const range = { fromMs: at(5), toMs: at(20) };
    expect(await read({ openOnly, timeframes: ['5m'], range })).toEqual([
      ...['BTCUSDT 5m 25', 'ETHUSDT 5m 25'],
    ]);
    expect(await read({ symbols: [] })).toEqual([]);
  });

  test('page by page, each gap once', async () => {
    const all = await read({});
    for (const limit of numbers(1, 20)) {
      const found: string[] = [];
      let after: GapRecord | undefined;
      for (;;) {
        const page = await readGaps(test_.database, { limit, after });
        found.push(...page.gaps.map(names));
        after = page.gaps.at(-1);
        if (!page.more) break;
        expect(page.gaps).toHaveLength(limit);
      }
      expect(found).toEqual(all);
    }
  });

  test('with what is known of each', async () => {
    const filter = { symbols: ['ETHUSDT'], timeframes: ['5m'] as const };
    const { gaps } = await readGaps(test_.database, filter);
    expect(gaps[0]).toMatchObject({
      ...{ kind: 'unconfirmed', asked: 1, closedAtMs: undefined, foundBy: ORIGIN.workflowId },
      answers: [{ askedAtMs: at(1000), rows: 7, runId: ORIGIN.runId }],
    });
    expect(gaps.map(({ closedAtMs }) => closedAtMs)).toEqual([
      ...[undefined, at(1000), undefined, undefined],
    ]);
    expect(gaps[3]).toMatchObject({ kind: 'failed', reason: 'HTTP 502', answers: [] });
  });

  test('all of them, many at a time', async () => {
    await test_.database.query(
      `insert into gap (symbol, timeframe, period, kind, found_at, found_by, asked)
       select 'MANYUSDT', '5m', tstzrange(t, t + interval '5 minutes'), 'unconfirmed', now(), 'x', 1
       from generate_series(1, 20001) as n, to_timestamp(n * 600) as t`,
    );
    let asked = 0;
    const counting: Queryable = {
      query: (...statement) => {
        asked++;
        return test_.database.query(...statement);
      },
    };
    const gaps = await readAllGaps(counting, { symbols: ['MANYUSDT'] });
    expect([new Set(gaps.map(({ id }) => id)).size, gaps.length, asked]).toEqual([
      20_001, 20_001, 2,
    ]);
  });
});
