import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { emptyCandles } from '../../../domain/candles.js';
import { RetryNow } from '../../../domain/failure.js';
import type { LiveCandle } from '../../../domain/live-candle.js';
import {
  dayWindows,
  witnessesOf,
  type JudgedDay,
  type RetentionRule,
} from '../../../domain/retention.js';
import type { Series } from '../../../domain/series.js';
import { settlePage } from '../../../domain/settle.js';
import { TIMEFRAMES, timeframeMs, type Timeframe } from '../../../domain/timeframe.js';
import { SqlCandleStore } from '../../../storage/candle-store.js';
import { SqlRowScan } from '../../../storage/gap-scan.js';
import { SqlLiveCandleStore } from '../../../storage/live-candle-store.js';
import { readLeft, readRules } from '../../../storage/retention/horizons.js';
import { ClippedCandleStore } from '../../../storage/retention/clipped-candle-store.js';
import { SqlRetentionStore } from '../../../storage/retention/retention-store.js';
import { readSetStatus } from '../../../storage/set-status.js';
import { readStatus } from '../../../storage/status.js';
import { clear, DATABASES, opened, type TestDatabase } from '../databases.js';
import { ORIGIN } from '../pages.js';
import { broken, readStored } from '../stored.js';
import { DAY, FIRST_DAY, marketPage, pagesOfDays } from './rolled.js';

const SYMBOL = 'BTCUSDT';
const FIVE = { symbol: SYMBOL, timeframe: '5m' } as const;
/** Ten days are stored, and six of them are to go. */
const ALL = { fromMs: FIRST_DAY, toMs: FIRST_DAY + 10 * DAY };
const HORIZON = FIRST_DAY + 6 * DAY;
const RULE: RetentionRule = { timeframe: '5m', horizonMs: HORIZON, keepMs: 4 * DAY };
const MINUTES_5 = timeframeMs('5m');

const dayOf = (index: number): number => FIRST_DAY + index * DAY;

describe.each(DATABASES)('retention on $kind', ({ open }) => {
  let test_: TestDatabase;
  let candles: SqlCandleStore;
  let retention: SqlRetentionStore;

  beforeAll(async () => {
    test_ = await opened(open);
    const options = { database: test_.database, reaskMs: [300_000] };
    candles = new SqlCandleStore(options);
    retention = new SqlRetentionStore(test_.database);
  });
  afterAll(() => test_.close());
  beforeEach(async () => {
    await clear(test_.database);
    await retention.setRules([]);
  });

  async function store(
    timeframes: readonly Timeframe[] = TIMEFRAMES,
    without: ReadonlySet<number> = new Set(),
    span = ALL,
  ): Promise<void> {
    for (const timeframe of timeframes) {
      for (const window of pagesOfDays(span)) {
        await candles.storePage(
          marketPage(SYMBOL, timeframe, window, timeframe === '5m' ? without : new Set()),
        );
      }
    }
  }

  /** What a run does with the series of one rule. */
  async function removeOld(rules: readonly RetentionRule[] = [RULE]): Promise<JudgedDay[]> {
    await retention.setRules(rules);
    const judged: JudgedDay[] = [];
    for (const rule of rules) {
      for (const { covered, ...series } of await retention.oldSeries(rule, '', 100)) {
        for (const window of dayWindows(covered, rule)) {
          const witnesses = witnessesOf(rule, rules);
          const old = { series, window, horizonMs: rule.horizonMs, witnesses };
          judged.push(...(await retention.remove(old)));
        }
      }
    }
    return judged;
  }

  async function expectSound(): Promise<void> {
    for (const timeframe of TIMEFRAMES) {
      const series = { symbol: SYMBOL, timeframe };
      expect(broken(await readStored(test_.database, series), series), timeframe).toEqual([]);
    }
  }

  async function fetches(timeframe: Timeframe): Promise<number> {
    const { rows } = await test_.database.query<{ n: number }>(
      `select count(*)::int as n from "fetch" where timeframe = $1`,
      [timeframe],
    );
    return rows[0]?.n ?? 0;
  }

  test('removes exactly the days before the horizon, and nothing of the longer candles', async () => {
    await store();
    // sums that are rounded otherwise vouch too
    await test_.database.query(
      `update ohlcv set volume = volume + 0.9e-9 * volume + 2e-8 where timeframe <> '5m'`,
    );
    const judged = await removeOld();
    expect(judged).toEqual(
      [0, 1, 2, 3, 4, 5].map((index) => ({
        ...{ dayMs: dayOf(index), candles: 288, heldBy: undefined },
      })),
    );
    const five = await readStored(test_.database, FIVE);
    expect(five.rowsMs).toHaveLength(4 * 288);
    expect(five.rowsMs[0]).toBe(HORIZON);
    expect(five).toMatchObject({
      candles: 4 * 288,
      covered: [{ fromMs: HORIZON, toMs: ALL.toMs }],
    });
    for (const timeframe of ['15m', '1h', '4h', '1d'] as const) {
      const stored = await readStored(test_.database, { symbol: SYMBOL, timeframe });
      expect(stored.rowsMs).toHaveLength((10 * DAY) / timeframeMs(timeframe));
    }
    await expectSound();
    // pages of days 0 to 2 and 3 to 5 are gone, that of 6 to 8 and the last one are not
    expect(await fetches('5m')).toBe(2);
    expect(await fetches('1d')).toBe(4);
    const [line] = await readStatus(test_.database);
    expect(line).toMatchObject({
      timeframe: '5m',
      firstMs: HORIZON,
      candles: 4 * 288,
      completeness: 1,
    });
    expect(await removeOld()).toEqual([]);
  });

  test('judges without touching anything', async () => {
    await store();
    const before = await readStored(test_.database, FIVE);
    const window = { fromMs: FIRST_DAY, toMs: HORIZON };
    const witnesses = witnessesOf(RULE, [RULE]);
    const judged = await retention.judge({ series: FIVE, window, horizonMs: HORIZON, witnesses });
    expect(judged).toHaveLength(6);
    expect(await readStored(test_.database, FIVE)).toEqual(before);
    expect(await readRules(test_.database)).toEqual([]);
  });

  test.each([
    ['1d', 'missing', `delete from ohlcv where timeframe = '1d' and "timestamp" = $1`],
    [
      '1h',
      'differs',
      `update ohlcv set high = high + 1 where timeframe = '1h' and "timestamp" = $1`,
    ],
    [
      '4h',
      'differs',
      // more than a rounding of the sum and of each of its 48 parts
      `update ohlcv set volume = volume + 1e-9 * volume + 5e-7
       where timeframe = '4h' and "timestamp" = $1`,
    ],
    [
      '15m',
      'differs',
      `update ohlcv set open = open + 1 where timeframe = '15m' and "timestamp" = $1`,
    ],
    [
      '15m',
      'differs',
      `update ohlcv set volume = 'NaN' where timeframe = '15m' and "timestamp" = $1`,
    ],
  ] as const)(
    'leaves a day of which a candle of %s %s, and says so',
    async (timeframe, fault, sql) => {
      await store();
      await test_.database.query(sql, [new Date(dayOf(2)).toISOString()]);
      const judged = await removeOld();
      expect(judged.filter(({ heldBy }) => heldBy !== undefined)).toEqual([
        { dayMs: dayOf(2), candles: 288, heldBy: { timeframe, fault } },
      ]);
      const { rowsMs, covered, candles: count } = await readStored(test_.database, FIVE);
      expect(rowsMs).toHaveLength(5 * 288);
      expect(count).toBe(5 * 288);
      expect(covered).toEqual([
        { fromMs: dayOf(2), toMs: dayOf(3) },
        { fromMs: HORIZON, toMs: ALL.toMs },
      ]);
      expect(await readLeft(test_.database)).toEqual([
        { timeframe: '5m', symbols: 1, candles: 288 },
      ]);
    },
  );

  test('lets a held day go once its longer candle is stored', async () => {
    await store(['5m', '15m', '1h', '4h']);
    const held = await removeOld();
    expect(new Set(held.map(({ heldBy }) => heldBy?.timeframe))).toEqual(new Set(['1d']));
    await store(['1d']);
    expect((await removeOld()).every(({ heldBy }) => heldBy === undefined)).toBe(true);
    expect((await readStored(test_.database, FIVE)).rowsMs[0]).toBe(HORIZON);
    await expectSound();
  });

  test('a longer timeframe that goes as early or earlier is not waited for', async () => {
    await store(['5m', '4h', '1d']);
    const later = { horizonMs: HORIZON + DAY, keepMs: 3 * DAY };
    const judged = await removeOld([
      RULE,
      { timeframe: '15m', ...later },
      { timeframe: '1h', horizonMs: HORIZON, keepMs: 4 * DAY },
    ]);
    expect(judged.every(({ heldBy }) => heldBy === undefined)).toBe(true);
    await expectSound();
  });

  test('a backfill that began in the middle of a day does not hold that day', async () => {
    const fromMs = FIRST_DAY + 10 * 3_600_000 + MINUTES_5;
    await store(['5m'], new Set(), { ...ALL, fromMs });
    for (const timeframe of ['15m', '1h', '4h', '1d'] as const) {
      const length = timeframeMs(timeframe);
      await store([timeframe], new Set(), { ...ALL, fromMs: Math.ceil(fromMs / length) * length });
    }
    expect((await removeOld()).every(({ heldBy }) => heldBy === undefined)).toBe(true);
    expect((await readStored(test_.database, FIVE)).rowsMs[0]).toBe(HORIZON);
    await expectSound();
  });

  test('closes gaps, cuts the one over the horizon, and asks for none of a held day', async () => {
    const hole = (fromMs: number, count: number): number[] =>
      Array.from({ length: count }, (_, i) => fromMs + i * MINUTES_5);
    const without = new Set([
      ...hole(dayOf(1) + DAY / 2, 3),
      ...hole(HORIZON - 2 * MINUTES_5, 4),
      ...hole(dayOf(3), 2),
    ]);
    await store(TIMEFRAMES, without);
    await test_.database.query(`delete from ohlcv where timeframe = '1d' and "timestamp" = $1`, [
      new Date(dayOf(3)).toISOString(),
    ]);
    const judged = await removeOld();
    expect(judged.map(({ candles: count }) => count)).toEqual([288, 285, 288, 286, 288, 286]);
    expect(judged.filter(({ heldBy }) => heldBy !== undefined)).toHaveLength(1);
    const { gaps, covered, rowsMs } = await readStored(test_.database, FIVE);
    expect(gaps.filter((gap) => gap.open)).toMatchObject([
      { fromMs: HORIZON, toMs: HORIZON + 2 * MINUTES_5, kind: 'unconfirmed', asked: 1 },
    ]);
    expect(gaps.filter((gap) => !gap.open)).toHaveLength(3);
    expect(gaps.every((gap) => gap.open || gap.nextAskMs === null)).toBe(true);
    expect(covered).toEqual([
      { fromMs: dayOf(3) + 2 * MINUTES_5, toMs: dayOf(4) },
      { fromMs: HORIZON, toMs: ALL.toMs },
    ]);
    expect(rowsMs).toHaveLength(286 + 4 * 288 - 2);
    const five = await readStored(test_.database, FIVE);
    expect(broken(five)).toEqual([]);
  });

  test('refuses a page that was asked for before the horizon moved, whole', async () => {
    await store();
    await removeOld();
    const before = await readStored(test_.database, FIVE);
    for (const window of [
      { fromMs: dayOf(0), toMs: dayOf(3) },
      { fromMs: HORIZON - DAY, toMs: HORIZON + DAY },
    ]) {
      await expect(candles.storePage(marketPage(SYMBOL, '5m', window))).rejects.toThrow(RetryNow);
    }
    expect(await readStored(test_.database, FIVE)).toEqual(before);
    await candles.storePage(marketPage('ETHUSDT', '5m', { fromMs: HORIZON, toMs: dayOf(7) }));
    await candles.storePage(marketPage('ETHUSDT', '1h', { fromMs: dayOf(0), toMs: dayOf(7) }));
    await expect(
      candles.storePage(marketPage('ETHUSDT', '5m', { fromMs: dayOf(5), toMs: HORIZON })),
    ).rejects.toThrow(RetryNow);
    await retention.setRules([]);
    await candles.storePage(marketPage(SYMBOL, '5m', { fromMs: dayOf(0), toMs: dayOf(3) }));
    expect((await readStored(test_.database, FIVE)).rowsMs[0]).toBe(FIRST_DAY);
    await expectSound();
  });

  test('whoever settles what is missing begins at the horizon', async () => {
    const old = { fromMs: FIRST_DAY, toMs: dayOf(2) };
    const { database } = test_;
    const live = new SqlLiveCandleStore({ database, reaskMs: [300_000] });
    const holes = { fromMs: dayOf(3), toMs: ALL.toMs };
    const answered = settlePage(
      {
        window: { fromMs: HORIZON - 500 * MINUTES_5, toMs: HORIZON + 500 * MINUTES_5 },
        ...{ venueTimeMs: ALL.toMs, candles: emptyCandles(0), skippedMs: [] },
      },
      '5m',
    );
    const page = { page: answered, origin: ORIGIN, startsOnFirstDay: false };
    const settle: readonly ((series: Series) => Promise<unknown>)[] = [
      (series) => candles.settleFailed(series, [holes], ORIGIN, 'HTTP 502'),
      (series) => candles.settleBeforeListing([series], holes, ORIGIN),
      (series) => candles.settleAfterDelisting([series], ALL.toMs, ORIGIN),
      (series) => candles.storePage({ ...page, series }),
      (series) => live.storeReread({ ...page, series, confirmed: undefined }),
      (series) => live.handOver([{ ...series, untilMs: ALL.toMs }], ORIGIN),
      (series) => live.storeClosed([liveCandle(series, ALL.toMs)], ORIGIN),
    ];
    for (const [i, writer] of settle.entries()) {
      const series = { symbol: `PAIR${i}USDT`, timeframe: '5m' } as const;
      await retention.setRules([]);
      await candles.storePage(marketPage(series.symbol, '5m', old));
      await retention.setRules([RULE]);
      await writer(series);
      const stored = await readStored(database, series);
      expect(broken(stored, series), String(writer)).toEqual([]);
      expect(stored.gaps.length, String(writer)).toBeGreaterThan(0);
      expect(Math.min(...stored.gaps.map(({ fromMs }) => fromMs)), String(writer)).toBe(HORIZON);
      expect(stored.covered[0], String(writer)).toEqual(old);
    }
  });

  test('rows deleted by hand before the horizon are not missed', async () => {
    await store(['5m'], new Set(), { fromMs: FIRST_DAY, toMs: dayOf(8) });
    await retention.setRules([RULE]);
    await test_.database.query(
      `delete from ohlcv where timeframe = '5m' and "timestamp" = any($1::timestamptz[])`,
      [[HORIZON - MINUTES_5, HORIZON].map((timeMs) => new Date(timeMs).toISOString())],
    );
    const scan = new SqlRowScan(test_.database);
    expect(await scan.scan(ORIGIN, {})).toMatchObject({ drifted: 1, candles: 2 });
    const stored = await readStored(test_.database, FIVE);
    expect(broken(stored)).toEqual([]);
    expect(stored.gaps).toMatchObject([{ fromMs: HORIZON, toMs: HORIZON + MINUTES_5, open: true }]);
  });

  test('a gap that it closes counts as no repair', async () => {
    await store();
    await candles.settleFailed(FIVE, [{ fromMs: dayOf(-1), toMs: dayOf(0) }], ORIGIN, 'HTTP 502');
    await test_.database.query(
      `insert into followed values ($1, now(), now()) on conflict do nothing`,
      [SYMBOL],
    );
    await removeOld();
    expect((await readStored(test_.database, FIVE)).gaps).toMatchObject([{ open: false }]);
    const status = await readStatus(test_.database);
    expect(await readSetStatus(test_.database, status, Date.now())).toMatchObject({
      repair: undefined,
    });
  });

  test('removes the row of a candle that never closed', async () => {
    await store(TIMEFRAMES, new Set(), { fromMs: FIRST_DAY, toMs: dayOf(2) });
    await test_.database.query(`insert into ohlcv values ($1, '5m', $2, 1, 1, 1, 1, 1, 1)`, [
      SYMBOL,
      new Date(dayOf(2)).toISOString(),
    ]);
    await removeOld();
    expect(await readStored(test_.database, FIVE)).toMatchObject({
      rowsMs: [],
      covered: [],
      candles: 0,
    });
  });

  test('tells what is no longer kept to whoever asks what is known', async () => {
    await store();
    await retention.setRules([RULE]);
    const clipped = new ClippedCandleStore({ database: test_.database, reaskMs: [1] });
    const states = await clipped.seriesStates([SYMBOL], ['5m', '1h'], ALL);
    expect(states.map(({ timeframe, horizonMs }) => [timeframe, horizonMs])).toEqual([
      ['5m', HORIZON],
      ['1h', undefined],
    ]);
  });

  test('a drift of the rows does not become one of the counts', async () => {
    await store();
    await test_.database.query(`delete from ohlcv where timeframe = '5m' and "timestamp" = $1`, [
      new Date(dayOf(1) + MINUTES_5).toISOString(),
    ]);
    await removeOld();
    expect(broken(await readStored(test_.database, FIVE))).toEqual([]);
    expect((await readStored(test_.database, FIVE)).candles).toBe(4 * 288);
  });
});

function liveCandle(series: Series, openTimeMs: number): LiveCandle {
  const prices = { open: 1, high: 1, low: 1, close: 1, volume: 1, turnover: 1 };
  return { ...series, openTimeMs, ...prices, venueTimeMs: openTimeMs, receivedAtMs: openTimeMs };
}
