import { beforeEach, describe, expect, test } from 'vitest';
import { mendings } from '../../domain/mending.js';
import { TIMEFRAMES, timeframeMs, type Timeframe } from '../../domain/timeframe.js';
import type { Check, Violation } from '../../domain/verify.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { mendSeries } from '../../storage/verify/mend-series.js';
import { readReachedMs, readSymbolSeries } from '../../storage/verify/read-records.js';
import { verifySymbol } from '../../storage/verify/verify-symbol.js';
import { DATABASES, emptyForEach } from './databases.js';
import { at, ORIGIN } from './pages.js';
import { RolledMarket, storeMarket } from './rolled-market.js';
import { broken, readStored } from './stored.js';

const SYMBOL = 'BTCUSDT';
const MARKET = new RolledMarket(3);
const NOW_MS = MARKET.toMs;

describe.each(DATABASES)('verification on $kind', ({ open }) => {
  const test_ = emptyForEach(open);
  let store: SqlCandleStore;

  beforeEach(async () => {
    store = new SqlCandleStore({
      database: test_.database,
      reaskMs: [300_000],
      now: () => NOW_MS,
    });
    await storeMarket(store, MARKET, SYMBOL);
    await storeMarket(store, new RolledMarket(3, 2), 'ETHUSDT', ['5m', '1h']);
  });

  const sql = (text: string, values: readonly unknown[] = []) => test_.database.query(text, values);
  const iso = (timeMs: number): string => new Date(timeMs).toISOString();
  const candle = (index: number, timeframe: Timeframe = '5m', count = 1) => ({
    fromMs: at(index, timeframe),
    toMs: at(index + count, timeframe),
  });

  async function verify(timeframes?: readonly Timeframe[]): Promise<Violation[]> {
    const reachedMs = await readReachedMs(test_.database, NOW_MS);
    const found: Violation[] = [];
    for (const one of await readSymbolSeries(test_.database, { timeframes })) {
      found.push(...(await verifySymbol(test_.database, one, reachedMs)).violations);
    }
    return found;
  }

  async function mend(violations: readonly Violation[]): Promise<void> {
    for (const mending of mendings(violations, TIMEFRAMES)) {
      await mendSeries(test_.database, mending, { foundBy: 'm1 verify', nowMs: NOW_MS });
    }
  }

  /** What the repair does with what is due: the market has all of it. */
  async function refill(): Promise<void> {
    const { rows } = await test_.database.query<{
      symbol: string;
      timeframe: Timeframe;
      ms: number;
    }>(
      `select symbol, timeframe, (extract(epoch from lower(period)) * 1000)::float8 as ms
       from gap where closed_at is null and next_ask is not null`,
    );
    for (const { symbol, timeframe } of rows) {
      const market = symbol === SYMBOL ? MARKET : new RolledMarket(3, 2);
      await storeMarket(store, market, symbol, [timeframe]);
    }
  }

  async function expectWhole(): Promise<void> {
    for (const timeframe of TIMEFRAMES) {
      const series = { symbol: SYMBOL, timeframe };
      const stored = await readStored(test_.database, series);
      expect(broken(stored, series)).toEqual([]);
      const expected = MARKET.candles(timeframe, 0, MARKET.toMs);
      expect(stored.rowsMs).toEqual([...expected.openTimeMs]);
    }
  }

  test('finds nothing in what was stored as it came', async () => {
    expect(await verify()).toEqual([]);
    const reachedMs = await readReachedMs(test_.database, NOW_MS);
    const [btc] = await readSymbolSeries(test_.database, { symbols: [SYMBOL] });
    expect(btc).toEqual({ symbol: SYMBOL, timeframes: TIMEFRAMES });
    const verdict = await verifySymbol(
      test_.database,
      btc ?? { symbol: '', timeframes: [] },
      reachedMs,
    );
    expect(verdict.candles).toBe(3 * (288 + 96 + 24 + 6 + 1));
  });

  test('finds nothing in a stored hole', async () => {
    await store.settleFailed({ symbol: SYMBOL, timeframe: '1h' }, [candle(100, '1h')], ORIGIN, 'x');
    await store.settleBeforeListing(
      [{ symbol: SYMBOL, timeframe: '5m' }],
      candle(-100, '5m', 100),
      ORIGIN,
    );
    expect(await verify()).toEqual([]);
  });

  interface Fault {
    readonly check: Check;
    readonly plant: string;
    readonly values?: readonly unknown[];
    readonly timeframe?: Timeframe;
    readonly period?: { fromMs: number; toMs: number };
  }

  const where = `where symbol = 'BTCUSDT' and timeframe`;
  const faults: readonly Fault[] = [
    {
      check: 'missing_row',
      plant: `delete from ohlcv ${where} = '5m' and "timestamp" >= $1 and "timestamp" < $2`,
      values: [iso(at(300)), iso(at(303))],
      period: candle(300, '5m', 3),
    },
    {
      check: 'missing_row',
      plant: `delete from ohlcv ${where} = '1h' and "timestamp" = $1`,
      values: [iso(at(0, '1h'))],
      timeframe: '1h',
      period: candle(0, '1h'),
    },
    {
      check: 'uncovered_row',
      plant: `update coverage set candles = candles - 4,
        covered = covered - multirange(tstzrange($1, $2)) ${where} = '4h'`,
      values: [iso(at(6, '4h')), iso(at(10, '4h'))],
      timeframe: '4h',
      period: candle(6, '4h', 4),
    },
    {
      check: 'future_row',
      plant: `insert into ohlcv select symbol, timeframe, $1, open, high, low, close, volume, turnover
        from ohlcv ${where} = '1d' order by "timestamp" limit 1`,
      values: [iso(at(40, '1d'))],
      timeframe: '1d',
      period: candle(40, '1d'),
    },
    {
      check: 'gap_over_row',
      plant: `with n as (update coverage set candles = candles - 1 ${where} = '15m')
        insert into gap (symbol, timeframe, period, kind, found_at, found_by, asked)
        values ('BTCUSDT', '15m', tstzrange($1, $2), 'no_trades', now(), 'hand', 3)`,
      values: [iso(at(50, '15m')), iso(at(51, '15m'))],
      timeframe: '15m',
      period: candle(50, '15m'),
    },
    {
      check: 'gap_not_covered',
      plant: `insert into gap (symbol, timeframe, period, kind, found_at, found_by, asked)
        values ('BTCUSDT', '5m', tstzrange($1, $2), 'no_trades', now(), 'hand', 3)`,
      values: [iso(at(-9)), iso(at(-7))],
      period: candle(-9, '5m', 2),
    },
    {
      check: 'candle_count',
      plant: `update coverage set candles = candles + 7 ${where} = '1h'`,
      timeframe: '1h',
    },
    {
      check: 'first_candle',
      plant: `update coverage set first_candle = first_candle + interval '4 hours' ${where} = '4h'`,
      timeframe: '4h',
    },
    {
      check: 'off_grid',
      plant: `insert into ohlcv select symbol, timeframe, "timestamp" + interval '2 minutes', open, high,
        low, close, volume, turnover from ohlcv ${where} = '5m' and "timestamp" = $1`,
      values: [iso(at(77))],
      period: { fromMs: at(77) + 120_000, toMs: at(78) + 120_000 },
    },
    {
      check: 'prices',
      plant: `update ohlcv set high = low - 1 ${where} = '5m' and "timestamp" = $1`,
      values: [iso(at(400))],
      period: candle(400),
    },
    {
      check: 'prices',
      plant: `update ohlcv set open = 'NaN' ${where} = '1d' and "timestamp" = $1`,
      values: [iso(at(1, '1d'))],
      timeframe: '1d',
      period: candle(1, '1d'),
    },
    {
      check: 'prices',
      plant: `update ohlcv set low = 0 ${where} = '1h' and "timestamp" = $1`,
      values: [iso(at(5, '1h'))],
      timeframe: '1h',
      period: candle(5, '1h'),
    },
    {
      check: 'volume',
      plant: `update ohlcv set volume = -1 ${where} = '15m' and "timestamp" = $1`,
      values: [iso(at(5, '15m'))],
      timeframe: '15m',
      period: candle(5, '15m'),
    },
    ...(
      [
        ['15m', 'open'],
        ['1h', 'high'],
        ['4h', 'close'],
        ['1d', 'volume'],
        ['15m', 'turnover'],
      ] as const
    ).map(([timeframe, column]): Fault => ({
      check: 'roll_up',
      plant: `update ohlcv set ${column} = ${column} + 0.001 ${where} = '${timeframe}' and "timestamp" = $1`,
      values: [iso(at(1, timeframe))],
      timeframe,
      period: candle(1, timeframe),
    })),
  ];

  test.each(faults)('finds $check planted by hand, and mends it', async (fault) => {
    const { check, plant, values, timeframe = '5m', period } = fault;
    await sql(plant, values);
    const found = await verify();
    expect(found).toMatchObject([{ symbol: SYMBOL, timeframe, check, ...(period && { period }) }]);
    expect(found[0]?.expected).not.toBe(found[0]?.found);
    await mend(found);
    expect(await verify()).toEqual([]);
    await refill();
    expect(await verify()).toEqual([]);
    await expectWhole();
  });

  test('finds gaps that overlap, and mends them', async () => {
    for (const [from, to] of [
      [10, 20],
      [15, 22],
      [16, 17],
    ] as const) {
      await sql(
        `insert into gap (symbol, timeframe, period, kind, found_at, found_by, asked)
         values ('BTCUSDT', '1d', tstzrange($1, $2), 'no_trades', now(), 'hand', 3)`,
        [iso(at(from, '1d')), iso(at(to, '1d'))],
      );
    }
    await sql(
      `update coverage set covered = covered + multirange(tstzrange($1, $2)) ${where} = '1d'`,
      [iso(at(10, '1d')), iso(at(22, '1d'))],
    );
    const found = await verify();
    expect(found).toEqual([
      expect.objectContaining({ check: 'gap_overlap', period: candle(15, '1d', 5) }),
    ]);
    await mend(found);
    expect(await verify()).toEqual([]);
    const { gaps } = await readStored(test_.database, { symbol: SYMBOL, timeframe: '1d' });
    const left = gaps.filter((gap) => gap.open).map(({ fromMs, toMs }) => ({ fromMs, toMs }));
    expect(left).toEqual([candle(10, '1d', 10), candle(20, '1d', 2)]);
  });

  test('finds gaps in which another timeframe traded, and asks for them', async () => {
    const hide = async (timeframe: Timeframe, { fromMs, toMs }: ReturnType<typeof candle>) => {
      const span = [timeframe, iso(fromMs), iso(toMs)];
      await sql(`delete from ohlcv ${where} = $1 and "timestamp" >= $2 and "timestamp" < $3`, span);
      await sql(
        `insert into gap (symbol, timeframe, period, kind, found_at, found_by, asked)
         values ('BTCUSDT', $1, tstzrange($2, $3), 'no_trades', now(), 'hand', 2)`,
        span,
      );
      await sql(`update coverage set candles = candles - $2 ${where} = $1`, [
        timeframe,
        (toMs - fromMs) / timeframeMs(timeframe),
      ]);
    };
    // an hour in which really nothing was traded
    await sql(
      `update ohlcv o set volume = volume - (select sum(volume) from ohlcv ${where} = '5m'
         and "timestamp" >= $1 and "timestamp" < $2)
       ${where} in ('4h', '1d') and "timestamp" <= $1
         and "timestamp" + m1_timeframe(timeframe) > $1`,
      [iso(at(5, '1h')), iso(at(6, '1h'))],
    );
    for (const timeframe of ['5m', '15m', '1h'] as const) await hide(timeframe, candle(5, '1h'));
    expect(await verify()).toEqual([]);

    await hide('5m', candle(400, '5m', 20));
    await hide('4h', candle(9, '4h'));
    const found = await verify();
    expect(found).toEqual([
      expect.objectContaining({
        ...{ timeframe: '5m', check: 'gap_over_trades', period: candle(400, '5m', 20) },
      }),
      expect.objectContaining({
        ...{ timeframe: '4h', check: 'gap_over_trades', period: candle(9, '4h') },
      }),
    ]);
    await mend(found);
    expect(await verify()).toEqual([]);
    const { rows } = await sql(
      `select timeframe from gap where closed_at is null and next_ask is not null order by timeframe`,
    );
    expect(rows).toEqual([{ timeframe: '4h' }, { timeframe: '5m' }]);
  });

  test('a lost record is made anew from the rows', async () => {
    await sql(`delete from coverage ${where} = '5m'`);
    const found = await verify(['5m']);
    expect(found.map(({ check }) => check)).toEqual(['uncovered_row']);
    await mend(found);
    expect(await verify()).toEqual([]);
    // the newest row may have been open: it is asked for again
    const series = { symbol: SYMBOL, timeframe: '5m' } as const;
    const stored = await readStored(test_.database, series);
    expect(broken(stored, series)).toEqual([]);
    expect(stored.candles).toBe(3 * 288 - 1);
    expect(stored.gaps).toEqual([
      expect.objectContaining({ ...candle(3 * 288 - 1), kind: 'unconfirmed', nextAskMs: NOW_MS }),
    ]);
  });

  test('a wrong 5m candle is found by all that contain it, and asked for with them', async () => {
    await sql(`update ohlcv set volume = volume + 1 ${where} = '5m' and "timestamp" = $1`, [
      iso(at(30)),
    ]);
    const found = await verify();
    expect(found.map(({ check, timeframe }) => [check, timeframe])).toEqual([
      ['roll_up', '1d'],
      ['roll_up', '4h'],
      ['roll_up', '1h'],
      ['roll_up', '15m'],
    ]);
    await mend(found);
    await refill();
    expect(await verify()).toEqual([]);
    await expectWhole();
  });

  test('a wrong longer candle does not cost its 5m candles', async () => {
    await sql(`update ohlcv set close = low ${where} = '1d' and "timestamp" = $1`, [
      iso(at(1, '1d')),
    ]);
    await mend(await verify());
    const { candles } = await readStored(test_.database, { symbol: SYMBOL, timeframe: '5m' });
    expect(candles).toBe(3 * 288 - 1);
  });

  test('longer candles are not compared where 5m candles are missing', async () => {
    await sql(`update ohlcv set volume = volume * 2 ${where} = '1d'`);
    await sql(`delete from ohlcv ${where} = '5m' and "timestamp" = $1`, [iso(at(300))]);
    const found = await verify();
    expect(found.map(({ check, period }) => [check, period.fromMs])).toEqual([
      ['missing_row', at(300)],
      ['roll_up', at(0, '1d')],
    ]);
  });
});
