import { expect, it } from 'vitest';
import type { LiveCandleUpdate, TickerUpdate } from '../../dashboard/api.js';
import { LiveCandle } from '../../dashboard/live-candle.js';

const HOUR = 3_600_000;
const SERIES = { symbol: 'BTCUSDT', timeframe: '1h' } as const;

/** A live candle with what it sees in the hands of the test. */
function watched() {
  const world = {
    ticker: undefined as TickerUpdate | undefined,
    stored: undefined as LiveCandleUpdate | undefined,
    steadyMs: 0,
  };
  const live = new LiveCandle(SERIES, {
    board: { ticker: () => world.ticker, lastClosed: () => undefined },
    readNewest: () => Promise.resolve(world.stored),
    steadyMs: () => (world.steadyMs += 6_000),
  });
  const price = (hour: number, lastPrice: number): Promise<LiveCandleUpdate | undefined> => {
    world.ticker = { updatedAtMs: hour * HOUR, lastPrice: String(lastPrice) } as TickerUpdate;
    return live.next();
  };
  return { world, live, price };
}

it('begins from what is stored of the open candle, and takes over a later reading', async () => {
  const { world, live, price } = watched();
  world.stored = { candle: [2 * HOUR, 10, 15, 9, 11, 70], closed: false };
  expect(await live.next()).toMatchObject({
    candle: [2 * HOUR, 10, 15, 9, 11, null],
    madeOf: { read: true, pricesSinceMs: undefined },
  });
  expect(await price(2.5, 16)).toMatchObject({
    candle: [2 * HOUR, 10, 16, 9, 16, null],
    madeOf: { read: true, pricesSinceMs: 2.5 * HOUR },
  });
  world.stored = { candle: [2 * HOUR, 10, 18, 8, 11, 90], closed: false };
  expect(await price(2.6, 12)).toMatchObject({ candle: [2 * HOUR, 10, 18, 8, 12, null] });
  expect(await live.next()).toBeUndefined();
  world.stored = { candle: [2 * HOUR, 10, 19, 8, 13, 95], closed: true };
  expect(await live.next()).toEqual(world.stored);
});

it('is whole when the prices were followed since its open, and says so when some were missed', async () => {
  const { world, live, price } = watched();
  world.stored = { candle: [HOUR, 9, 12, 8, 10, 5], closed: true };
  expect(await price(1.9, 10)).toEqual(world.stored);
  expect(await price(2.1, 11)).toMatchObject({
    candle: [2 * HOUR, 10, 11, 10, 11, null],
    madeOf: { read: false, pricesSinceMs: 2 * HOUR },
  });
  world.ticker = { ...world.ticker, gone: true } as TickerUpdate;
  expect(await live.next()).toMatchObject({ pricesEnded: true });
  const { madeOf, pricesEnded } = (await price(2.5, 12)) ?? {};
  expect(madeOf).toEqual({ read: false, pricesSinceMs: 2.5 * HOUR });
  expect(pricesEnded).toBeUndefined();
});
