import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { candleColumns } from '../../storage/candle-arrays.js';
import type { LiveCandle } from '../../domain/live-candle.js';
import { timeframeMs } from '../../domain/timeframe.js';
import { candlesFrom, candleValues, OHLCV_COLUMNS } from '../../storage/candle-columns.js';
import { readWrongSums } from '../../storage/verify/roll-up.js';
import type { Queryable } from '../../storage/database.js';
import { clear, DATABASES, opened, type TestDatabase } from './databases.js';
import { at, DAY_MS, liveCandle, SERIES } from './pages.js';

/** Candles of 5 minutes in one hour. */
const PARTS = 12;

const HOUR = { fromMs: DAY_MS, toMs: DAY_MS + timeframeMs('1h') };

const INSERT = `insert into ohlcv (${OHLCV_COLUMNS})
  select $1::varchar, $2::varchar, r.* from ${candlesFrom(3, 'r')}`;

/** A decimal as a venue writes it: so many units of a step. */
const decimal = (decimals: number) =>
  fc.integer({ min: 1, max: 10 ** 9 }).map((units) => Number(`${units}e-${decimals}`));

const part = (decimals: number) =>
  fc.record({
    prices: fc.array(decimal(4), { minLength: 4, maxLength: 4 }),
    volume: fc.oneof(
      { weight: 1, arbitrary: fc.constant(0) },
      { weight: 5, arbitrary: decimal(decimals) },
    ),
    turnover: decimal(8),
  });

const hour = fc
  .integer({ min: 0, max: 8 })
  .chain((decimals) => fc.array(part(decimals), { minLength: PARTS, maxLength: PARTS }));

function candlesOf(parts: typeof hour extends fc.Arbitrary<infer T> ? T : never): LiveCandle[] {
  return parts.map(({ prices, volume, turnover }, i) => ({
    ...liveCandle(i),
    open: prices[0] ?? 1,
    close: prices[1] ?? 1,
    high: Math.max(...prices),
    low: Math.min(...prices),
    ...{ volume, turnover },
  }));
}

/** The sum of decimals without rounding, as a venue adds them. */
function exactSum(values: readonly number[]): number {
  const units = values.reduce((sum, value) => sum + BigInt(Math.round(value * 1e8)), 0n);
  return Number(`${units}e-8`);
}

function sumOf(five: readonly LiveCandle[]): LiveCandle {
  return {
    ...liveCandle(0, { series: { symbol: SERIES.symbol, timeframe: '1h' } }),
    open: five[0]?.open ?? 0,
    close: five.at(-1)?.close ?? 0,
    high: Math.max(...five.map(({ high }) => high)),
    low: Math.min(...five.map(({ low }) => low)),
    volume: exactSum(five.map(({ volume }) => volume)),
    turnover: exactSum(five.map(({ turnover }) => turnover)),
  };
}

describe.each(DATABASES)('roll-up on $kind', ({ open, hypertable }) => {
  let test_: TestDatabase;

  beforeAll(async () => {
    test_ = await opened(open);
  });
  afterAll(() => test_.close());
  beforeEach(() => clear(test_.database));

  async function wrongSums(five: readonly LiveCandle[], longer: LiveCandle) {
    await clear(test_.database);
    for (const [timeframe, candles] of [
      ['5m', five],
      ['15m', []],
      ['1h', [longer]],
    ] as const) {
      const values = [SERIES.symbol, timeframe, ...candleValues(candleColumns(candles))];
      if (candles.length > 0) await test_.database.query(INSERT, values);
    }
    const closed = new Map([
      ['5m', [HOUR]],
      ['1h', [HOUR]],
    ] as const);
    return readWrongSums(test_.database, SERIES.symbol, closed);
  }

  test('what a venue adds up is never wrong, one step of any value is', async () => {
    const column = fc.constantFrom('open', 'high', 'low', 'close', 'volume', 'turnover');
    await fc.assert(
      fc.asyncProperty(hour, column, async (parts, name) => {
        const five = candlesOf(parts);
        const longer = sumOf(five);
        expect(await wrongSums(five, longer)).toEqual([]);
        // more than a rounding of any of the parts: 12 steps of 1e-8 and a billionth
        const step = name === 'volume' || name === 'turnover' ? 2e-7 + longer[name] * 2e-9 : 1e-4;
        const wrong = { ...longer, [name]: longer[name] + step };
        const [found, ...others] = await wrongSums(five, wrong);
        expect(others).toEqual([]);
        expect(found).toMatchObject({
          timeframe: '1h',
          fromMs: at(0),
          stored: { [name]: wrong[name] },
        });
        const differs = Object.entries(found?.stored ?? {}).filter(
          ([key, value]) => !Object.is(value, found?.summed[key as 'open']),
        );
        expect(differs.map(([key]) => key)).toEqual([name]);
      }),
      { numRuns: 30 },
    );
  });

  test('nothing is said where a part is missing', async () => {
    const five = candlesOf(fc.sample(hour, { seed: 1, numRuns: 1 })[0] ?? []);
    const longer = { ...sumOf(five), close: 1e6 };
    expect(await wrongSums(five, longer)).toHaveLength(1);
    expect(await wrongSums(five.slice(0, 11), longer)).toEqual([]);
    expect(await wrongSums(five.slice(1), longer)).toEqual([]);
  });

  test.skipIf(hypertable)('joins at once in a table without statistics', async () => {
    const { database } = test_;
    const fill = `insert into ohlcv (${OHLCV_COLUMNS})
      select $1::varchar, $2::varchar, t, 1, 1, 1, 1, $3::float8, $3::float8
      from generate_series($4::timestamptz, $4::timestamptz + interval '10 days', $5::interval) t`;
    const from = new Date(DAY_MS).toISOString();
    await database.query(fill, [SERIES.symbol, '5m', 1, from, '5 minutes']);
    await database.query(fill, [SERIES.symbol, '15m', 3, from, '15 minutes']);
    const days = [{ fromMs: DAY_MS, toMs: DAY_MS + 10 * timeframeMs('1d') }];
    const closed = new Map([
      ['5m', days],
      ['15m', days],
    ] as const);
    const plans: unknown[] = [];
    await database.transaction((transaction) => {
      const explaining: Queryable = {
        query: async (sql, values) => {
          if (!sql.startsWith('with ')) return transaction.query(sql, values);
          plans.push((await transaction.query(`explain ${sql}`, values)).rows);
          return { rows: [], count: 0 };
        },
      };
      return readWrongSums(explaining, SERIES.symbol, closed);
    });
    expect(plans).toHaveLength(1);
    // each row would be compared with each other, or looked up among all of its pair
    expect(JSON.stringify(plans)).not.toContain('Nested Loop');
  });
});
