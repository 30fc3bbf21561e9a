import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { readExactStatus, readRunCounts, readStatus } from '../../storage/status.js';
import { DATABASES, emptyForEach } from './databases.js';
import { at, numbers, ORIGIN, pageOf, SERIES } from './pages.js';

describe.each(DATABASES)('status on $kind', ({ open }) => {
  const test_ = emptyForEach(open);
  let store: SqlCandleStore;

  beforeEach(() => {
    store = new SqlCandleStore({ database: test_.database, reaskMs: [300_000] });
  });

  const complete = async (from: number, to: number, timeframe = '5m'): Promise<boolean> => {
    const { rows } = await test_.database.query<{ done: boolean }>(
      'select m1_complete($1, $2, $3, $4) as done',
      [SERIES.symbol, timeframe, new Date(from).toISOString(), new Date(to).toISOString()],
    );
    return rows[0]?.done ?? false;
  };

  test('of an empty database', async () => {
    expect(await readStatus(test_.database)).toEqual([]);
    expect(await readExactStatus(test_.database)).toEqual([]);
    expect(await readRunCounts(test_.database, ['x'])).toEqual(new Map());
  });

  test('counts closed candles, and gaps that touch as one', async () => {
    await store.storePage(pageOf(0, 10, [4, 5, 6, 7, 8], { startsOnFirstDay: true }));
    await store.storePage(pageOf(10, 20, [12, ...numbers(14, 19)]));
    await store.storePage(pageOf(20, 26, [21, 22, 23, 24], { openIndex: 24 }));
    await store.storePage(pageOf(0, 2, [], { series: { symbol: 'AAAUSDT', timeframe: '1d' } }));
    const btc = {
      ...SERIES,
      candles: 14,
      firstMs: at(4),
      lastMs: at(23),
      gaps: 3,
      completeness: 14 / 20,
      unasked: false,
    };
    const empty = {
      symbol: 'AAAUSDT',
      timeframe: '1d',
      candles: 0,
      firstMs: undefined,
      lastMs: undefined,
      gaps: 1,
      completeness: 0,
      unasked: false,
    };
    expect(await readStatus(test_.database)).toEqual([empty, btc]);
    expect(await readExactStatus(test_.database)).toEqual([empty, btc]);

    // a row deleted by hand is seen by the exact status alone
    await test_.database.query('delete from ohlcv where "timestamp" = $1', [
      new Date(at(23)).toISOString(),
    ]);
    expect(await readStatus(test_.database)).toEqual([empty, btc]);
    expect((await readExactStatus(test_.database))[1]).toMatchObject({
      candles: 13,
      lastMs: at(22),
    });

    // what failed at the end is missing too, although no candle lies beyond it
    await store.settleFailed(SERIES, [{ fromMs: at(24), toMs: at(44) }], ORIGIN, 'no answer');
    expect((await readStatus(test_.database))[1]).toMatchObject({ gaps: 4, completeness: 14 / 40 });
    await test_.database.query(`update gap set kind = 'venue_outage' where kind = 'failed'`);

    // what the venue does not have is not missing
    await test_.database.query(`update gap set kind = 'no_trades' where kind = 'unconfirmed'`);
    expect((await readStatus(test_.database))[1]).toMatchObject({ gaps: 4, completeness: 1 });
  });

  test('tells of time between candles that nobody asked for, and of no other', async () => {
    const unasked = async () => (await readStatus(test_.database)).map((line) => line.unasked);
    await store.storePage(pageOf(0, 10, numbers(3, 10)));
    await store.settleFailed(SERIES, [{ fromMs: at(10), toMs: at(20) }], ORIGIN, 'no answer');
    expect(await unasked()).toEqual([false]);
    await store.storePage(pageOf(30, 40, numbers(30, 35)));
    expect(await unasked()).toEqual([true]);
    await store.storePage(pageOf(20, 30, numbers(20, 30)));
    expect(await unasked()).toEqual([false]);
  });

  test('leaves out what retention has removed around a day that it holds', async () => {
    const { database } = test_;
    onTestFinished(async () => {
      await database.query('truncate retention');
    });
    const keepFrom = (index: number) =>
      database.query(
        `insert into retention (timeframe, horizon, keep, applied_at)
         values ('5m', $1, '1 day', now())
         on conflict (timeframe) do update set horizon = excluded.horizon`,
        [new Date(at(index)).toISOString()],
      );
    await store.storePage(pageOf(0, 10, numbers(0, 10)));
    await store.storePage(pageOf(30, 40, numbers(30, 40)));
    await keepFrom(20);
    expect(await readStatus(database)).toMatchObject([{ unasked: true, completeness: 20 / 30 }]);
    await keepFrom(30);
    expect(await readStatus(database)).toMatchObject([{ unasked: false, completeness: 1 }]);
  });

  test('counts of runs', async () => {
    await store.storePage(pageOf(0, 10, numbers(0, 10)));
    await store.storePage(pageOf(10, 15, numbers(10, 15), { origin: { ...ORIGIN, runId: 'b' } }));
    expect(await readRunCounts(test_.database, [ORIGIN.runId, 'b', 'c'])).toEqual(
      new Map([
        [ORIGIN.runId, expect.objectContaining({ requests: 1, candles: 10 })],
        ['b', expect.objectContaining({ requests: 1, candles: 5 })],
      ]),
    );
  });

  test('m1_complete: every closed candle is there or the venue has none', async () => {
    await store.storePage(pageOf(0, 10, numbers(0, 10)));
    await store.storePage(pageOf(10, 20, [10, 11, 13, 14, 15, 16, 17, 18, 19]));
    expect(await complete(at(0), at(12))).toBe(true);
    expect(await complete(at(0), at(13))).toBe(false);
    expect(await complete(at(13), at(20))).toBe(true);
    expect(await complete(at(13), at(21))).toBe(false);
    // only whole candles count: those that begin before or end after the range do not
    expect(await complete(at(13) - 1, at(20) + 299_999)).toBe(true);
    expect(await complete(at(12) + 1, at(13))).toBe(true);
    expect(await complete(at(0), at(1), '1d')).toBe(true);
    expect(await complete(at(0), at(288), '1d')).toBe(false);
    await expect(complete(at(0), at(1), '7m')).rejects.toThrow('unknown timeframe');
    for (const [kind, excused] of [
      ['no_trades', true],
      ['venue_outage', true],
      ['before_listing', true],
      ['after_delisting', true],
      ['failed', false],
      ['disconnected', false],
    ] as const) {
      await test_.database.query('update gap set kind = $1', [kind]);
      expect([kind, await complete(at(0), at(20))]).toEqual([kind, excused]);
    }
  });
});
