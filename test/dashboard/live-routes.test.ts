import { Redis } from 'ioredis';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LiveCandleUpdate, TickerUpdate } from '../../dashboard/api.js';
import { LiveBoard } from '../../dashboard/live-board.js';
import { tickersRoute } from '../../dashboard/routes/tickers.js';
import { openTimeMs, timeframeMs } from '../../domain/timeframe.js';
import { PostgresDatabase } from '../../storage/postgres.js';
import { connectRedis } from '../../storage/redis.js';
import { ownRedis, type OwnRedis } from '../storage/own-redis.js';
import { emptyServers, serve, type Served, type Servers } from './served.js';

const LENGTH_MS = timeframeMs('1d');
const openMs = openTimeMs('1d', Date.now());

let own: OwnRedis;
let redis: Redis;
let servers: Servers;
let served: Served;

beforeAll(async () => {
  own = await ownRedis();
  redis = new Redis(own.server.port, own.server.host);
  redis.on('error', () => undefined);
  servers = await emptyServers({ host: own.server.host, port: own.server.port, db: 0 });
  served = await serve(servers);
});

afterAll(async () => {
  await served.close();
  redis.disconnect();
  await own.remove();
  await servers.database.drop();
});

function ticker(symbol: string, price: string): Record<string, string> {
  return {
    symbol,
    last_price: price,
    price_24h_pct: '0.01',
    high_24h: '12',
    low_24h: '8',
    volume_24h: '1',
    turnover_24h: '2',
    updated_at: new Date().toISOString().replace('Z', '000+00:00'),
  };
}

async function publish(symbol: string, price: string): Promise<void> {
  const hash = ticker(symbol, price);
  await redis.hset(`ticker:${symbol}`, hash);
  await redis.publish(`ticker:${symbol}`, JSON.stringify(hash));
}

/** The events of an address, one after the other. */
async function events<T>(path: string): Promise<{ next(): Promise<T>; end(): void }> {
  const ended = new AbortController();
  const response = await fetch(`${served.url}${path}`, { signal: ended.signal });
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    next: async () => {
      for (;;) {
        const event = /^data: (.*)\n\n/.exec(text);
        if (event !== null) {
          text = text.slice(event[0].length);
          return JSON.parse(event[1] ?? '') as T;
        }
        const part = await reader?.read();
        if (part === undefined || part.done) throw new Error('the events ended');
        text += part.value;
      }
    },
    end: () => ended.abort(),
  };
}

const patterns = async (): Promise<number> => Number(await redis.pubsub('NUMPAT'));

it('sends all tickers, then what changes, out of one subscription', async () => {
  await publish('BTCUSDT', '10');
  const first = await events<TickerUpdate[]>('/api/tickers/live');
  const second = await events<TickerUpdate[]>('/api/tickers/live');
  const [known] = await first.next();
  expect(known).toMatchObject({ symbol: 'BTCUSDT', lastPrice: '10', turnover24h: '2' });
  expect(Math.abs((known?.updatedAtMs ?? 0) - Date.now())).toBeLessThan(60_000);
  expect(await second.next()).toHaveLength(1);
  expect(await patterns()).toBe(2);

  await publish('BTCUSDT', '11');
  expect(await first.next()).toMatchObject([{ symbol: 'BTCUSDT', lastPrice: '11' }]);
  expect(await second.next()).toMatchObject([{ symbol: 'BTCUSDT', lastPrice: '11' }]);
  // what somebody else publishes there harms nobody, and silence is told
  await redis.publish('ticker:BTCUSDT', '{');
  await redis.publish('ticker:BTCUSDT', JSON.stringify(ticker('ETHUSDT', '1')));
  expect(await first.next()).toEqual([]);

  await redis.del('ticker:BTCUSDT');
  let gone: TickerUpdate[] = [];
  while (gone.length === 0) gone = await first.next();
  expect(gone).toMatchObject([{ symbol: 'BTCUSDT', gone: true }]);
  first.end();
  second.end();
  await expect.poll(patterns).toBe(0);
}, 60_000);

it('sends the last candle, at the live price and as it closed', async () => {
  const sql = new PostgresDatabase(servers.database);
  const before = new Date(openMs - LENGTH_MS).toISOString();
  await sql.query(
    `insert into ohlcv values ('BTCUSDT', '1d', $1::timestamptz, 9, 12, 8, 10, 5, null)`,
    [before],
  );
  await sql.query(
    `insert into coverage (symbol, timeframe, covered, candles)
     values ('BTCUSDT', '1d', tstzmultirange(tstzrange($1, $1::timestamptz + interval '1 day')), 1)`,
    [before],
  );
  await sql.close();
  const live = await events<LiveCandleUpdate>('/api/candles/live?symbol=BTCUSDT&timeframe=1d');
  expect(await live.next()).toEqual({
    candle: [openMs - LENGTH_MS, 9, 12, 8, 10, 5],
    closed: true,
  });
  await publish('BTCUSDT', '11.5');
  const pricesSinceMs = expect.closeTo(Date.now(), -5) as number;
  const underWay = { closed: false, madeOf: { read: false, pricesSinceMs } };
  expect(await live.next()).toEqual({
    ...{ candle: [openMs, 11.5, 11.5, 11.5, 11.5, null], ...underWay },
  });
  await publish('BTCUSDT', '9.5');
  expect(await live.next()).toEqual({
    ...{ candle: [openMs, 11.5, 11.5, 9.5, 9.5, null], ...underWay },
  });
  const values = { open: 10, high: 13, low: 9, close: 12, volume: 7, turnover: 1 };
  const timestamp = new Date(openMs).toISOString();
  const message = { symbol: 'BTCUSDT', timeframe: '1d', timestamp, ...values };
  await redis.publish('candle:BTCUSDT:1d', JSON.stringify(message));
  expect(await live.next()).toEqual({ candle: [openMs, 10, 13, 9, 12, 7], closed: true });
  live.end();
});

it('goes on for whoever comes while the last one leaves', async () => {
  const subscribers: Redis[] = [];
  const board = new LiveBoard({
    redis: () => Promise.resolve(redis),
    subscriber: async () => {
      const made = await connectRedis({ ...own.server, db: 0 });
      subscribers.push(made);
      return made;
    },
  });
  const leaving = new AbortController();
  await board.watch(leaving.signal);
  const closed = once(subscribers[0] ?? redis, 'close');
  leaving.abort();
  const watched = board.watch(new AbortController().signal);
  await closed;
  expect((await watched).aborted).toBe(false);
  expect(await patterns()).toBe(2);
  board.close();
  await expect.poll(patterns).toBe(0);
});

it('calls nothing gone that came while it read, and no message a candle that is none', async () => {
  const candle = { open: 1, high: 1, low: 1, close: 1, volume: 1 };
  const board = new LiveBoard({
    redis: () =>
      Promise.resolve({
        scan: async (cursor: string) => {
          const known = await redis.scan(cursor, 'MATCH', 'ticker:*', 'COUNT', 1_000);
          await redis.publish('candle:SOLUSDT:1h', JSON.stringify({ ...candle, timestamp: 'now' }));
          await publish('SOLUSDT', '5');
          await expect.poll(() => board.ticker('SOLUSDT')).toBeDefined();
          return known;
        },
        pipeline: () => redis.pipeline(),
      } as unknown as Redis),
    subscriber: () => connectRedis({ ...own.server, db: 0 }),
  });
  await board.watch(new AbortController().signal);
  expect(board.ticker('SOLUSDT')?.gone).toBeUndefined();
  expect(board.lastClosed({ symbol: 'SOLUSDT', timeframe: '1h' })).toBeUndefined();
  board.close();
});

it('fails nobody who asks while the server ends', async () => {
  const closing = new AbortController();
  const board = new LiveBoard({
    redis: () => Promise.resolve(redis),
    subscriber: () => {
      closing.abort();
      return connectRedis({ ...own.server, db: 0 });
    },
  });
  const logger = { error: () => undefined };
  const route = tickersRoute({ board, closing: closing.signal, logger });
  for (const when of ['while it is made ready', 'afterwards']) {
    const answer = await route.request('/live');
    expect([answer.status, await answer.text()], when).toEqual([200, '']);
  }
  await expect.poll(patterns).toBe(0);
});

it('ends when Redis is lost, and says so to whoever asks then', async () => {
  const live = await events<TickerUpdate[]>('/api/tickers/live');
  await live.next();
  await own.server.stop();
  await expect(
    (async () => {
      for (;;) await live.next();
    })(),
  ).rejects.toThrow();
  const answer = await fetch(`${served.url}/api/tickers/live`);
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain('Redis does not answer');
  // a chart follows what is stored, and soon begins again: Redis may be back
  const chart = await fetch(`${served.url}/api/candles/live?symbol=BTCUSDT&timeframe=1d`);
  expect(await chart.text()).toMatch(/^data: /);
});
