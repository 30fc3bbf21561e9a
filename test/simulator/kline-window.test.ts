import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Simulator } from '../../simulator/simulator.js';
import {
  A,
  DAY,
  downFrom,
  FIVE_MINUTES,
  HOUR,
  kline,
  NOW,
  OPEN,
  rows,
  start,
  stopAll,
  times,
} from './support.js';

const BTC_LISTED = Date.parse('2021-07-05T00:00:00Z');

let simulator: Simulator;
beforeAll(async () => {
  simulator = await start();
});
afterAll(stopAll);

describe('window of kline', () => {
  it('floors start to its candle and includes end', async () => {
    const list = await rows(simulator, { start: A + 8000, end: A + 76_000, interval: '1' });
    expect(times(list)).toEqual([A + 60_000, A]);
  });

  it('returns six candles for five intervals on the grid', async () => {
    const list = await rows(simulator, { start: A, end: A + 5 * FIVE_MINUTES });
    expect(times(list)).toEqual(downFrom(A + 5 * FIVE_MINUTES, 6, FIVE_MINUTES));
  });

  it('keeps the newest rows when start and end span more than the limit', async () => {
    const end = A + 100 * FIVE_MINUTES;
    expect(times(await rows(simulator, { start: A, end, limit: 10 }))).toEqual(
      downFrom(end, 10, FIVE_MINUTES),
    );
  });

  it('drops the oldest of 1001 candles', async () => {
    const list = await rows(simulator, { start: A, end: A + 1000 * FIVE_MINUTES, limit: 1000 });
    expect(list).toHaveLength(1000);
    expect(times(list).at(-1)).toBe(A + FIVE_MINUTES);
  });

  it('hangs on end when there is no start', async () => {
    expect(times(await rows(simulator, { end: A + 1, limit: 3 }))).toEqual(
      downFrom(A, 3, FIVE_MINUTES),
    );
  });

  it('returns the newest 200 with the open candle when nothing is asked', async () => {
    expect(times(await rows(simulator))).toEqual(downFrom(OPEN, 200, FIVE_MINUTES));
  });

  it('hangs on start when there is no end', async () => {
    expect(times(await rows(simulator, { start: A - 1, limit: 3 }))).toEqual(
      downFrom(A + FIVE_MINUTES, 3, FIVE_MINUTES),
    );
  });

  it('begins with the first candle when start lies before the listing', async () => {
    expect(times(await rows(simulator, { start: 9999, limit: 1 }))).toEqual([BTC_LISTED]);
    expect(times(await rows(simulator, { start: 9999, limit: 1, interval: 'D' }))).toEqual([
      BTC_LISTED,
    ]);
  });

  it('is empty when the window lies before the listing or after now', async () => {
    const before = { start: BTC_LISTED - DAY, end: BTC_LISTED - 1 };
    expect(await rows(simulator, before)).toEqual([]);
    expect(await rows(simulator, { start: NOW + HOUR, end: NOW + 2 * HOUR })).toEqual([]);
    expect(await rows(simulator, { start: NOW + HOUR })).toEqual([]);
  });

  it('clamps the limit to 1000', async () => {
    expect(await rows(simulator, { limit: 5000 })).toHaveLength(1000);
  });

  it('returns the open candle when start is now', async () => {
    expect(times(await rows(simulator, { start: NOW }))).toEqual([OPEN]);
  });

  it.each([
    ['1', 60_000],
    ['3', 3 * 60_000],
    ['15', 15 * 60_000],
    ['30', 30 * 60_000],
    ['60', HOUR],
    ['120', 2 * HOUR],
    ['240', 4 * HOUR],
    ['360', 6 * HOUR],
    ['720', 12 * HOUR],
    ['D', DAY],
    ['W', 7 * DAY],
  ])('serves consecutive candles of interval %s on its grid', async (interval, stepMs) => {
    const list = times(await rows(simulator, { interval, limit: 40 }));
    expect(list).toEqual(downFrom(list[0] ?? 0, 40, stepMs));
    expect(list[0]).toBeLessThanOrEqual(NOW);
    expect((list[0] ?? 0) + stepMs).toBeGreaterThan(NOW);
    const monday = Date.parse('2026-03-09T00:00:00Z');
    expect(((list[0] ?? 0) - (interval === 'W' ? monday : 0)) % stepMs).toBe(0);
  });

  it('opens months on their first day', async () => {
    const list = times(await rows(simulator, { interval: 'M', limit: 3, start: A + 1, end: NOW }));
    expect(list).toEqual([A]);
    expect(times(await rows(simulator, { interval: 'M', limit: 2 }))).toEqual([
      A,
      Date.parse('2026-02-01T00:00:00Z'),
    ]);
  });
});

describe('any window', () => {
  it('is what a plain filter of all candles gives, holes and omitted candles included', async () => {
    const quirks = { emptyCandles: 'omit' } as const;
    const market = await start({ pairs: 80, quirks });
    const thin = market.truth.symbols().filter((symbol) => symbol.endsWith('USDT'));
    const from = NOW - 12 * DAY;
    for (const symbol of thin) {
      market.control.changeSymbol(symbol, {
        listedMs: from + 7 * FIVE_MINUTES,
        holes: [
          { fromMs: from + DAY / 2, toMs: from + DAY },
          { fromMs: from + 3 * DAY, toMs: from + 8 * DAY },
        ],
      });
    }
    const moment = fc.integer({ min: from - DAY, max: NOW + DAY });
    const windows = fc.record({
      symbol: fc.constantFrom(...thin),
      interval: fc.constantFrom('3', '5', '60', 'D'),
      start: fc.option(moment, { nil: undefined }),
      length: fc.option(fc.integer({ min: 0, max: 4 * DAY }), { nil: undefined }),
      limit: fc.integer({ min: 1, max: 300 }),
    });
    await fc.assert(
      fc.asyncProperty(windows, async ({ symbol, interval, start: startMs, length, limit }) => {
        const endMs = length === undefined ? undefined : (startMs ?? from) + length;
        const all = market.truth.candles(symbol, { interval }, from - DAY, NOW + 1);
        const lengthMs = { '3': 180_000, '5': FIVE_MINUTES, '60': HOUR, D: DAY }[interval];
        const first = startMs === undefined ? 0 : Math.floor(startMs / lengthMs) * lengthMs;
        const inside = all.filter(
          ([time]) => Number(time) >= first && Number(time) <= (endMs ?? NOW),
        );
        const hangsOnStart = startMs !== undefined && endMs === undefined;
        const expected = hangsOnStart ? inside.slice(0, limit) : inside.slice(-limit);
        const query = {
          symbol,
          interval,
          limit,
          ...(startMs === undefined ? {} : { start: startMs }),
          ...(endMs === undefined ? {} : { end: endMs }),
        };
        // twice: the second answer may come from the cache
        for (let n = 0; n < 2; n++)
          expect(await rows(market, query)).toEqual(expected.toReversed());
      }),
      { numRuns: 80 },
    );
  });
});

describe('parameters of kline', () => {
  it('answers in the order of the live venue, all cells strings', async () => {
    const { result, retCode, retMsg, retExtInfo, time } = await kline(simulator, { limit: 2 });
    expect([retCode, retMsg, retExtInfo, time]).toEqual([0, 'OK', {}, NOW]);
    expect(Object.keys(result ?? {})).toEqual(['category', 'symbol', 'list']);
    expect(result).toMatchObject({ category: 'spot', symbol: 'BTCUSDT' });
    for (const row of result?.list ?? []) {
      expect(row).toHaveLength(7);
      for (const cell of row) expect(cell).toMatch(/^\d+(\.\d*[1-9])?$/);
    }
  });

  it.each([
    [{ symbol: 'NOPEUSDT' }, 'Not supported symbols'],
    [{ symbol: 'btcusdt' }, 'Not supported symbols'],
    [{ interval: '7' }, 'Invalid period!'],
    [{ interval: '1d' }, 'Invalid period!'],
    [{ start: 'yesterday' }, 'params error: start is invalid'],
    [{ category: 'nonsense' }, 'params error: Category is invalid'],
    [{ category: 'linear', symbol: 'NOPEUSDT' }, 'params error: Symbol Is Invalid'],
    [{ category: 'linear', interval: '7' }, 'params error: intervalTime is invalid'],
  ])('refuses %j', async (query, message) => {
    const { retCode, retMsg, result } = await kline(simulator, query);
    expect([retCode, retMsg, result]).toEqual([10001, message, {}]);
  });

  it('serves another market when the category is missing', async () => {
    const query = `symbol=BTCUSDT&interval=5&start=${A}&end=${A}`;
    const response = await fetch(`${simulator.url}/v5/market/kline?${query}`);
    const { result } = (await response.json()) as Awaited<ReturnType<typeof kline>>;
    expect(result?.category).toBe('linear');
    expect(times(result?.list ?? [])).toEqual([A]);
    expect(result?.list).not.toEqual(await rows(simulator, { start: A, end: A }));
  });
});
