import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ServerAway } from '../../domain/failure.js';
import type { Ticker } from '../../domain/ticker.js';
import { readTickers } from '../../storage/read-tickers.js';
import { connectRedis } from '../../storage/redis.js';
import type { StreamRank } from '../../storage/stream-lease.js';
import { RedisTickerCache } from '../../storage/ticker-cache.js';
import { microsecondTime } from '../../storage/ticker-hash.js';
import type { RedisServer } from '../../stack/start-redis.js';
import { eventually } from '../stack/eventually.js';
import { ownRedis } from './own-redis.js';
import { liveCandle, numbers } from './pages.js';

const LEASE = 'm1:stream:0:lease';
const RECEIVED_MS = Date.UTC(2026, 1, 15, 9, 30, 0, 123) + 0.456;

let cleanup: (() => unknown)[] = [];
let server: RedisServer;
/** Looks at what is stored. */
let redis: Redis;

beforeEach(async () => {
  server = await started();
  redis = await connection();
});
afterEach(async () => {
  for (const step of cleanup.reverse()) await step();
  cleanup = [];
});

async function started(port?: number): Promise<RedisServer> {
  const own = await ownRedis(port);
  cleanup.push(own.remove);
  return own.server;
}

async function connection(): Promise<Redis> {
  const client = await connectRedis({ host: server.host, port: server.port, db: 0 });
  cleanup.push(() => client.disconnect());
  return client;
}

/** A stream attempt with a connection of its own. */
async function attempt(rank: StreamRank = [1000, 1], shard = '0'): Promise<RedisTickerCache> {
  return new RedisTickerCache({ redis: await connection(), shard, rank });
}

function ticker(symbol: string, lastPrice = '64057.70'): Ticker {
  return {
    ...{ symbol, lastPrice, price24hPcnt: '-0.0042' },
    ...{ highPrice24h: '64500', lowPrice24h: '63232.1' },
    ...{ volume24h: '7217.990977', turnover24h: '460629823.77866687' },
    venueTimeMs: RECEIVED_MS - 40,
    receivedAtMs: RECEIVED_MS,
  };
}

/** Hears what is published on channels of this pattern. */
async function heard(pattern: string): Promise<{ channel: string; message: string }[]> {
  const subscriber = new Redis(server.port, server.host);
  cleanup.push(() => subscriber.disconnect());
  const messages: { channel: string; message: string }[] = [];
  subscriber.on('pmessage', (_, channel: string, message: string) =>
    messages.push({ channel, message }),
  );
  await subscriber.psubscribe(pattern);
  return messages;
}

test('a ticker has exactly its fields, a time to live, and is published', async () => {
  const messages = await heard('ticker:*');
  const cache = await attempt();
  expect(await cache.write([ticker('BTCUSDT'), ticker('ETHUSDT', '1e-8')])).toBe('stored');
  const expected = {
    symbol: 'BTCUSDT',
    last_price: '64057.70',
    price_24h_pct: '-0.0042',
    high_24h: '64500',
    low_24h: '63232.1',
    volume_24h: '7217.990977',
    turnover_24h: '460629823.77866687',
    updated_at: '2026-02-15T09:30:00.123456+00:00',
  };
  expect(await redis.hgetall('ticker:BTCUSDT')).toEqual(expected);
  const ttlMs = await redis.pttl('ticker:BTCUSDT');
  expect(ttlMs).toBeGreaterThan(55_000);
  expect(ttlMs).toBeLessThanOrEqual(60_000);
  await eventually(() => expect(messages).toHaveLength(2));
  expect(messages.map(({ channel, message }) => [channel, JSON.parse(message) as unknown])).toEqual(
    [
      ['ticker:BTCUSDT', expected],
      ['ticker:ETHUSDT', { ...expected, symbol: 'ETHUSDT', last_price: '1e-8' }],
    ],
  );
  expect((await redis.keys('*')).sort()).toEqual([LEASE, 'ticker:BTCUSDT', 'ticker:ETHUSDT']);
});

test('renewing prolongs and restores tickers without publishing them', async () => {
  const messages = await heard('ticker:*');
  const cache = await attempt();
  await cache.write([ticker('BTCUSDT')]);
  const written = await redis.hgetall('ticker:BTCUSDT');
  await redis.expire('ticker:BTCUSDT', 5);
  expect(await cache.renew([ticker('BTCUSDT')])).toBe('stored');
  expect(await redis.ttl('ticker:BTCUSDT')).toBeGreaterThan(50);
  await redis.flushall();
  await cache.renew([ticker('BTCUSDT')]);
  expect(await redis.hgetall('ticker:BTCUSDT')).toEqual(written);
  // a ticker that is written afterwards is heard after all that was published before
  await cache.write([ticker('LASTUSDT')]);
  await eventually(() => expect(messages).toHaveLength(2));
  expect(messages.map(({ channel }) => channel)).toEqual(['ticker:BTCUSDT', 'ticker:LASTUSDT']);
});

test('seven hundred tickers, written in parts and read at once', async () => {
  const symbols = numbers(0, 700).map((index) => `S${index}USDT`);
  const cache = await attempt();
  await cache.write(symbols.map((symbol, index) => ticker(symbol, String(index))));
  const read = await readTickers(redis, ['GONEUSDT', ...symbols]);
  expect(read).toHaveLength(701);
  expect(read[0]).toBeUndefined();
  expect(read.slice(1).map((hash) => [hash?.symbol, hash?.last_price])).toEqual(
    symbols.map((symbol, index) => [symbol, String(index)]),
  );
  expect(read[700]).toEqual(await redis.hgetall('ticker:S699USDT'));
});

test('whatever else stands at the key of a ticker gives way', async () => {
  await redis.set('ticker:BTCUSDT', 'a text');
  await redis.lpush('ticker:ETHUSDT', 'a list');
  const cache = await attempt();
  expect(await cache.write([ticker('BTCUSDT', '1'), ticker('SOLUSDT', '2')])).toBe('stored');
  expect(await cache.renew([ticker('ETHUSDT', '3')])).toBe('stored');
  for (const [symbol, price] of Object.entries({ BTCUSDT: '1', SOLUSDT: '2', ETHUSDT: '3' })) {
    expect(await redis.hget(`ticker:${symbol}`, 'last_price')).toBe(price);
    expect(await redis.ttl(`ticker:${symbol}`)).toBeGreaterThan(0);
  }
});

test('closed candles are published', async () => {
  const messages = await heard('candle:*');
  const cache = await attempt();
  const hourly = liveCandle(1, { series: { symbol: 'ETHUSDT', timeframe: '1h' } });
  expect(await cache.publishClosedCandles([liveCandle(3), hourly])).toBe('stored');
  await eventually(() => expect(messages).toHaveLength(2));
  expect(messages.map(({ channel, message }) => [channel, JSON.parse(message) as unknown])).toEqual(
    [
      [
        'candle:BTCUSDT:5m',
        {
          ...{ symbol: 'BTCUSDT', timeframe: '5m', timestamp: '2026-01-15T00:15:00.000Z' },
          ...{ open: 103, high: 113.5, low: 93.25, close: 104 },
          ...{ volume: 0.1 * 3, turnover: null },
        },
      ],
      [
        'candle:ETHUSDT:1h',
        expect.objectContaining({ timestamp: '2026-01-15T01:00:00.000Z', turnover: 100_000 }),
      ],
    ],
  );
});

test('an attempt of a higher rank takes over at once, others are refused', async () => {
  const first = await attempt([1000, 1]);
  const same = await attempt([1000, 1]);
  const second = await attempt([1000, 2]);
  const later = await attempt([2000, 1]);
  const price = async () => (await redis.hgetall('ticker:X'))['last_price'];
  expect(await first.write([ticker('X', '1')])).toBe('stored');
  expect(await same.write([ticker('X', '2')])).toBe('superseded');
  expect(await second.write([ticker('X', '3')])).toBe('stored');
  expect(await first.write([ticker('X', '4')])).toBe('superseded');
  expect(await first.renew([ticker('X', '4')])).toBe('superseded');
  expect(await later.publishClosedCandles([liveCandle(0)])).toBe('stored');
  expect(await second.publishClosedCandles([liveCandle(0)])).toBe('superseded');
  expect(await price()).toBe('3');
  // another shard is another stream
  expect(await (await attempt([1, 1], '1')).write([ticker('Y')])).toBe('stored');
});

test('nothing of the older attempt comes after the first of the newer one', async () => {
  const messages = await heard('ticker:*');
  const older = await attempt([1000, 1]);
  const newer = await attempt([1000, 2]);
  const symbols = numbers(0, 210).map((index) => `S${index}`);
  const write = (cache: RedisTickerCache, price: string) =>
    cache.write(symbols.map((symbol) => ticker(symbol, price)));
  expect(await write(older, 'old')).toBe('stored');
  const rounds = numbers(0, 10);
  const olderWrites = Promise.all(rounds.map(() => write(older, 'old')));
  const newerWrites = Promise.all(rounds.map(() => write(newer, 'new')));
  expect(new Set(await newerWrites)).toEqual(new Set(['stored']));
  await olderWrites;
  expect(await write(older, 'old')).toBe('superseded');
  await write(newer, 'last');
  await eventually(() => expect(messages.at(-1)?.message).toContain('"last"'));
  const prices = messages.map(
    ({ message }) => (JSON.parse(message) as { last_price: string }).last_price,
  );
  expect(prices).toEqual(expect.arrayContaining(['old', 'new']));
  expect(prices.lastIndexOf('old')).toBeLessThan(prices.indexOf('new'));
});

test('the lease lives 10 s, is extended by writing, and is free when it has run out', async () => {
  const newer = await attempt([2000, 1]);
  const older = await attempt([1000, 1]);
  await newer.write([ticker('X')]);
  await redis.pexpire(LEASE, 5_000);
  await newer.renew([ticker('X')]);
  const leftMs = await redis.pttl(LEASE);
  expect(leftMs).toBeGreaterThan(5_000);
  expect(leftMs).toBeLessThanOrEqual(10_000);
  await redis.pexpire(LEASE, 1);
  await eventually(async () => expect(await redis.exists(LEASE)).toBe(0));
  expect(await older.write([ticker('X')])).toBe('stored');
  expect(await newer.write([ticker('X')])).toBe('stored');
});

test('giving up frees the lease, but not that of another one', async () => {
  const older = await attempt([1000, 1]);
  const newer = await attempt([1000, 2]);
  await older.write([ticker('X')]);
  await newer.write([ticker('X')]);
  await older.release();
  expect(await older.write([ticker('X')])).toBe('superseded');
  await newer.release();
  expect(await redis.exists(LEASE)).toBe(0);
  expect(await older.write([ticker('X')])).toBe('stored');
});

test('Redis killed: fails fast; Redis back without data: everything is written again', async () => {
  const cache = await attempt();
  await cache.write([ticker('BTCUSDT')]);
  process.kill(server.identity.pid, 'SIGKILL');
  await server.exited;
  for (const work of ['write', 'renew'] as const) {
    const failure = await cache[work]([ticker('BTCUSDT')]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServerAway);
    // nobody waited for an answer
    expect(String(failure)).not.toContain('timed out');
  }
  await cache.release();
  await expect(readTickers(redis, ['BTCUSDT'])).rejects.toMatchObject({ name: 'ServerAway' });

  server = await started(server.port);
  await eventually(async () => expect(await cache.write([ticker('BTCUSDT')])).toBe('stored'));
  const again = await connection();
  expect(await again.hget('ticker:BTCUSDT', 'last_price')).toBe('64057.70');
  expect(await again.pttl(LEASE)).toBeGreaterThan(0);
});

test('scripts and data lost between two writes are no failure', async () => {
  const cache = await attempt();
  await cache.write([ticker('BTCUSDT')]);
  await redis.flushall();
  await redis.script('FLUSH');
  expect(await cache.write([ticker('BTCUSDT')])).toBe('stored');
  expect(await redis.exists('ticker:BTCUSDT', LEASE)).toBe(2);
});

test('a Redis that does not answer fails within seconds', async () => {
  const cache = await attempt();
  await cache.write([ticker('BTCUSDT')]);
  await redis.client('PAUSE', 600_000, 'ALL');
  const sinceMs = performance.now();
  await expect(cache.write([ticker('BTCUSDT')])).rejects.toThrow('timed out');
  expect(performance.now() - sinceMs).toBeLessThan(15_000);
  process.kill(server.identity.pid, 'SIGKILL');
  await server.exited;
});

test('the time of receipt keeps its microseconds', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }),
      fc.integer({ min: 0, max: 999 }),
      (timeMs, microseconds) => {
        const text = microsecondTime(timeMs + microseconds / 1000);
        expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
        expect(Date.parse(text)).toBe(timeMs);
        expect(text.slice(23, 26)).toBe(String(microseconds).padStart(3, '0'));
      },
    ),
  );
});
