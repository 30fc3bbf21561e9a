import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import type { Ticker } from '../../simulator/ticker.js';
import { ask, DAY, FIVE_MINUTES, get, kline, NOW, post, start, stopAll } from './support.js';

interface Listed<T> {
  retCode: number;
  retMsg: string;
  result: { category: string; list: T[] };
}
interface Instrument {
  symbolId: number;
  symbol: string;
  baseCoin: string;
  quoteCoin: string;
  status: string;
  lotSizeFilter: Record<string, string>;
  priceFilter: { tickSize: string };
}

describe('with the default market', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await start();
  });
  afterAll(stopAll);

  const list = async <T>(path: string, query: Record<string, string> = {}): Promise<Listed<T>> =>
    (await ask(simulator, `/v5/market/${path}`, query)) as unknown as Listed<T>;

  it('time: seconds and nanoseconds as strings, ms as a number', async () => {
    const response = await get(simulator, '/v5/market/time');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.json()).toEqual({
      retCode: 0,
      retMsg: 'OK',
      result: { timeSecond: String(Math.floor(NOW / 1000)), timeNano: `${NOW}000000` },
      retExtInfo: {},
      time: NOW,
    });
  });

  it('instruments-info: every pair once, limit and cursor ignored', async () => {
    const query = { category: 'spot', limit: '3', cursor: 'x' };
    const { result } = await list<Instrument>('instruments-info', query);
    expect(Object.keys(result)).toEqual(['category', 'list']);
    expect(result.list.map(({ symbol }) => symbol).sort()).toEqual(
      simulator.truth.symbols().sort(),
    );
    expect(result.list).toHaveLength(60);
    for (const row of result.list) {
      expect(row.symbol).toBe(row.baseCoin + row.quoteCoin);
      expect(row.status).toBe('Trading');
      expect(typeof row.symbolId).toBe('number');
    }
    const btc = result.list.find(({ symbol }) => symbol === 'BTCUSDT');
    expect(btc?.priceFilter.tickSize).toBe('0.1');
    expect(btc?.lotSizeFilter.basePrecision).toBe('0.000001');
    expect(new Set(result.list.map((row) => row.priceFilter.tickSize)).size).toBeGreaterThan(4);
  });

  it('instruments-info: one symbol, another status, an unknown symbol, no category', async () => {
    const one = await list<Instrument>('instruments-info', { category: 'spot', symbol: 'ETHBTC' });
    expect(one.result.list).toMatchObject([{ baseCoin: 'ETH', quoteCoin: 'BTC' }]);
    const closed = await list('instruments-info', { category: 'spot', status: 'Closed' });
    expect(closed.result.list).toEqual([]);
    const unknown = { category: 'spot', symbol: 'NOPEUSDT' };
    expect((await list('instruments-info', unknown)).result.list).toEqual([]);
    expect((await list('instruments-info')).retCode).toBe(10001);
    simulator.control.setQuirks({ unknownInstrument: 'error' });
    expect((await list('instruments-info', unknown)).retCode).toBe(10001);
    simulator.control.setQuirks({ unknownInstrument: 'empty' });
  });

  it('tickers: the last 24 hours as the candles tell them', async () => {
    const { result } = await list<Ticker>('tickers', { category: 'spot' });
    expect(result.list).toHaveLength(60);
    for (const ticker of result.list) {
      const from = Math.floor(NOW / FIVE_MINUTES) * FIVE_MINUTES - DAY + FIVE_MINUTES;
      const candles = simulator.truth.candles(ticker.symbol, '5m', from, NOW);
      const numbers = (i: number): number[] => candles.map((row) => Number(row[i]));
      expect(ticker.lastPrice).toBe(candles.at(-1)?.[4]);
      expect(ticker.prevPrice24h).toBe(candles[0]?.[1]);
      expect(Number(ticker.highPrice24h)).toBe(Math.max(...numbers(2)));
      expect(Number(ticker.lowPrice24h)).toBe(Math.min(...numbers(3)));
      const volume = numbers(5).reduce((a, b) => a + b, 0);
      expect(Number(ticker.volume24h) / volume).toBeCloseTo(1, 9);
      const turnover = numbers(6).reduce((a, b) => a + b, 0);
      expect(Number(ticker.turnover24h) / turnover).toBeCloseTo(1, 9);
      const change = Number(ticker.lastPrice) / Number(ticker.prevPrice24h) - 1;
      expect(Number(ticker.price24hPcnt)).toBeCloseTo(change, 3);
      expect(Number(ticker.bid1Price)).toBeLessThanOrEqual(Number(ticker.ask1Price));
    }
  });

  it('tickers: one symbol, an unknown one, no category', async () => {
    const query = { category: 'spot', symbol: 'BTCUSDT' };
    const { result } = await list<Ticker>('tickers', query);
    expect(result.list.map(({ symbol }) => symbol)).toEqual(['BTCUSDT']);
    const unknown = await list('tickers', { category: 'spot', symbol: 'NOPEUSDT' });
    expect([unknown.retCode, unknown.retMsg]).toEqual([10001, 'Not supported symbols']);
    expect((await list('tickers')).retCode).toBe(10001);
  });

  it('refuses unknown routes, other methods and a GET with a body', async () => {
    const nowhere = await get(simulator, '/v5/market/orderbook');
    expect(nowhere.status).toBe(404);
    expect(await nowhere.json()).toMatchObject({ retCode: 10017 });
    expect((await post(simulator, '/v5/market/time', {})).status).toBe(400);
    expect((await get(simulator, '/admin/nothing')).status).toBe(404);
    const request = httpRequest(`${simulator.url}/v5/market/time`, {
      headers: { 'content-length': 2 },
    });
    request.end('{}');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(403);
  });

  it('keeps a log of kline requests', async () => {
    simulator.control.reset(['stats']);
    await kline(simulator, { symbol: 'ETHUSDT', interval: '60', start: 1, end: 2, limit: 3 });
    const response = await get(simulator, '/admin/stats', { klines: 1 });
    expect(await response.json()).toMatchObject({
      requests: 1,
      byEndpoint: { '/v5/market/kline': 1 },
      klines: [{ symbol: 'ETHUSDT', interval: '60', start: '1', end: '2', limit: '3' }],
    });
  });
});

describe('turnover', () => {
  afterEach(stopAll);

  it('ranks the busy pairs alike at any time, BTCUSDT first', async () => {
    const simulator = await start({ recentListings: 0 });
    const ranking = async (nowMs: number): Promise<string[]> => {
      simulator.control.setClock({ nowMs });
      const envelope = await ask(simulator, '/v5/market/tickers', { category: 'spot' });
      const tickers = envelope.result?.list as unknown as Ticker[];
      return tickers
        .filter(({ symbol }) => symbol.endsWith('USDT'))
        .sort((a, b) => Number(b.turnover24h) - Number(a.turnover24h))
        .slice(0, 40)
        .map(({ symbol }) => symbol);
    };
    const first = await ranking(NOW);
    expect(first.slice(0, 3)).toEqual(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']);
    for (const days of [0.3, 1.7, 40, 365]) expect(await ranking(NOW - days * DAY)).toEqual(first);
  });

  it('shows the last price and no volume when a day had no candles', async () => {
    const simulator = await start();
    const before = simulator.truth.candles('ETHUSDT', '5m', NOW - 3 * DAY, NOW - 2 * DAY).at(-1);
    simulator.control.changeSymbol('ETHUSDT', {
      holes: [{ fromMs: Number(before?.[0]) + 1, toMs: NOW + DAY }],
    });
    const query = { category: 'spot', symbol: 'ETHUSDT' };
    const envelope = await ask(simulator, '/v5/market/tickers', query);
    expect(envelope.result?.list).toMatchObject([
      {
        lastPrice: before?.[4],
        prevPrice24h: before?.[4],
        volume24h: '0',
        turnover24h: '0',
        price24hPcnt: '0',
      },
    ]);
  });

  it.each([
    ['blank', ''],
    ['zero', '0'],
  ] as const)('thin pairs have a book that is %s', async (emptyBook, value) => {
    const simulator = await start({ quirks: { emptyBook } });
    const envelope = await ask(simulator, '/v5/market/tickers', { category: 'spot' });
    const tickers = envelope.result?.list as unknown as Ticker[];
    expect(tickers.filter((ticker) => ticker.bid1Price === value).length).toBe(10);
    expect(tickers.find(({ symbol }) => symbol === 'BTCUSDT')?.bid1Price).not.toBe(value);
  });
});

describe('startSimulator', () => {
  afterEach(stopAll);

  it('says which port is taken', async () => {
    const simulator = await start();
    await expect(startSimulator({ port: simulator.port })).rejects.toThrow(
      `port ${simulator.port} is taken`,
    );
  });

  it('refuses what it cannot serve', async () => {
    await expect(startSimulator({ now: 'soon' })).rejects.toThrow('now: a time');
    await expect(startSimulator({ now: '2019-01-01' })).rejects.toThrow('2021-07-05');
    await expect(startSimulator({ speed: -1 })).rejects.toThrow('speed');
    await expect(startSimulator({ candles: '/nowhere.csv' })).rejects.toThrow('/nowhere.csv');
  });

  it('runs its clock at the speed it was told, from the time it was told', async () => {
    let wall = 500;
    const simulator = await start({
      now: '2024-01-01T00:00:00Z',
      speed: 60,
      wallClock: () => wall,
    });
    const began = Date.parse('2024-01-01T00:00:00Z');
    expect((await ask(simulator, '/v5/market/time')).time).toBe(began);
    wall += 1000;
    expect((await ask(simulator, '/v5/market/time')).time).toBe(began + 60_000);
    const clock = await post(simulator, '/admin/clock', { advanceMs: 1000, speed: 1 });
    expect(await clock.json()).toEqual({ nowMs: began + 61_000, speed: 1 });
    wall += 1000;
    expect(simulator.nowMs()).toBe(began + 62_000);
  });
});
