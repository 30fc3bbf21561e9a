import { once } from 'node:events';
import { Writable } from 'node:stream';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RedisConfig } from '../../runtime/config.js';
import { findRedis } from '../../stack/find-redis.js';
import { startRedis, type RedisServer } from '../../stack/start-redis.js';
import { watchReader } from '../../cli/reader-gone.js';
import { openPrices, type PriceReader, type Prices } from '../../cli/stream/prices.js';
import { openTickerLines } from '../../cli/stream/ticker-lines.js';
import { temporaryFolder } from '../stack/temporary-folder.js';
import { until } from '../stack/until.js';

/** A server of the test's own: it is stopped, and channels are common to all databases of one. */
async function ownRedis(port?: number): Promise<RedisServer> {
  const server = await startRedis({
    dataDir: temporaryFolder(),
    binary: await findRedis({ log: () => undefined }),
    port: port === undefined ? 'any' : { fixed: port },
  });
  onTestFinished(() => server.stop());
  return server;
}

function configOf({ host, port }: RedisServer, password?: string): RedisConfig {
  return { host, port, password, db: 0, origin: 'environment' };
}

function clientOf({ host, port }: RedisServer): Redis {
  const redis = new Redis({ host, port });
  redis.on('error', () => undefined);
  onTestFinished(() => redis.disconnect());
  return redis;
}

function pricesOf(config: RedisConfig): PriceReader {
  const prices = openPrices(config);
  onTestFinished(() => prices.close());
  return prices;
}

const HASH = {
  symbol: 'BTCUSDT',
  last_price: '97123.450',
  price_24h_pct: '-0.0068',
  high_24h: '98000',
  low_24h: '95000.5',
  volume_24h: '12.5',
  turnover_24h: '1200000',
  updated_at: '2026-02-15T09:30:00.123456+00:00',
};

describe('prices', () => {
  it('are those of the hashes; a pair without one has none', async () => {
    const server = await ownRedis();
    await clientOf(server).hset('ticker:BTCUSDT', HASH);
    const { tickers, fault } = await pricesOf(configOf(server)).read(['BTCUSDT', 'ETHUSDT']);
    expect(fault).toBeUndefined();
    expect([...tickers]).toEqual([['BTCUSDT', HASH]]);
  });

  it('are missing while Redis is away, with its cause, and come back with it', async () => {
    const server = await ownRedis();
    const prices = pricesOf(configOf(server));
    await prices.read(['BTCUSDT']);
    await server.stop();
    const away = await prices.read(['BTCUSDT']);
    expect(away.tickers.size).toBe(0);
    expect(away.fault).toMatch(new RegExp(`^no prices: Redis at [^\\n]*:${server.port} does not`));
    await clientOf(await ownRedis(server.port)).hset('ticker:BTCUSDT', HASH);
    const back = await until('prices again', async (): Promise<Prices | undefined> => {
      const read = await prices.read(['BTCUSDT']);
      return read.tickers.size === 1 ? read : undefined;
    });
    expect(back.fault).toBeUndefined();
  });

  it('name a wrong password, without showing it', async () => {
    const server = await ownRedis();
    await clientOf(server).config('SET', 'requirepass', 'right');
    const { fault } = await pricesOf(configOf(server, 'wrong-secret')).read(['BTCUSDT']);
    expect(fault).toMatch(/password: check REDIS_PASSWORD/);
    expect(fault).not.toContain('wrong-secret');
  });
});

describe('updates as lines', () => {
  async function opened(server: RedisServer): Promise<{
    readonly lines: Awaited<ReturnType<typeof openTickerLines>>;
    readonly printed: string[];
    readonly said: string[];
  }> {
    const [printed, said]: [string[], string[]] = [[], []];
    const lines = await openTickerLines(configOf(server), {
      stdout: { write: (text: string) => printed.push(text) },
      stderr: { write: (text: string) => said.push(text) },
      env: {},
    });
    onTestFinished(() => lines.close());
    return { lines, printed, said };
  }

  it('are the documents of the symbols that are followed, and of no others', async () => {
    const server = await ownRedis();
    const publisher = clientOf(server);
    const { lines, printed } = await opened(server);
    await lines.follow(['AUSDT', 'BUSDT']);
    await publisher.publish('ticker:AUSDT', '{"n":1}');
    await publisher.publish('ticker:CUSDT', '{"n":2}');
    await publisher.publish('ticker:BUSDT', '{"n":3}');
    await until('two lines', () => (printed.length >= 2 ? true : undefined));
    await lines.follow(['BUSDT', 'CUSDT']);
    await publisher.publish('ticker:AUSDT', '{"n":4}');
    await publisher.publish('ticker:CUSDT', '{"n":5}');
    await until('a third line', () => (printed.length >= 3 ? true : undefined));
    expect(printed).toEqual(['{"n":1}\n', '{"n":3}\n', '{"n":5}\n']);
  });

  it('go on when Redis comes back, and its absence is told once', async () => {
    const server = await ownRedis();
    const { lines, printed, said } = await opened(server);
    await lines.follow(['AUSDT']);
    await server.stop();
    await until('the loss', () => (said.length > 0 ? true : undefined));
    const publisher = clientOf(await ownRedis(server.port));
    await until('a line', async () => {
      await lines.follow(['AUSDT']);
      await publisher.publish('ticker:AUSDT', '{}');
      return printed.length > 0 ? true : undefined;
    });
    expect(said).toEqual(['Redis does not answer: updates are missing until it does\n']);
  });
});

describe('a reader that goes away', () => {
  it('is noticed at the next write', async () => {
    const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done(gone) });
    const reader = watchReader({ stdout });
    expect(reader.signal.aborted).toBe(false);
    stdout.write('{}\n');
    await once(reader.signal, 'abort');
    reader.stop();
    expect(stdout.listenerCount('error')).toBe(0);
  });
});
