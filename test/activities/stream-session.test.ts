import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { StreamSession } from '../../activities/stream/stream-session.js';
import { ServerAway } from '../../domain/failure.js';
import type { LiveCandle } from '../../domain/live-candle.js';
import type { Series } from '../../domain/series.js';
import type { LiveCandleStore } from '../../domain/stores.js';
import { createStreamMetrics } from '../../runtime/metrics/stream-metrics.js';
import { SqlGapQueue } from '../../storage/gap-queue.js';
import { SqlLiveCandleStore } from '../../storage/live-candle-store.js';
import { readTickers } from '../../storage/read-tickers.js';
import { connectRedis } from '../../storage/redis.js';
import { RedisTickerCache } from '../../storage/ticker-cache.js';
import { freshRedis, type FreshRedis } from '../servers/fresh-redis.js';
import { clear, opened, openPostgres, type TestDatabase } from '../storage/databases.js';
import { at, liveCandle, ORIGIN, SERIES } from '../storage/pages.js';
import { broken, readStored } from '../storage/stored.js';
import { eventually } from '../stack/eventually.js';
import { connection, FakeFeed } from './fake-feed.js';
import { ticker } from './scripted-cache.js';
import { candlesAt, ScriptedVenue } from './scripted-venue.js';

const IN_TIME = (): AbortSignal => AbortSignal.timeout(60_000);
const WS = { ...ORIGIN, source: 'ws' } as const;
const LEASE = 'm1:stream:0:lease';
/** Redis' channels are common to all test files. */
const SYMBOLS = ['SESSION0USDT', 'SESSION1USDT', 'SESSION2USDT'];
const [FIRST = '', SECOND = ''] = SYMBOLS;
const FIVE_MINUTES: Series = { symbol: FIRST, timeframe: '5m' };

let test_: TestDatabase;
let redisAddress: FreshRedis;
let redis: Redis;

beforeAll(async () => {
  test_ = await opened(openPostgres);
  redisAddress = await freshRedis();
  redis = await connectRedis(redisAddress);
});
afterAll(async () => {
  redis.disconnect();
  await test_.close();
});
beforeEach(async () => {
  await clear(test_.database);
  await redis.flushdb();
});

interface Given {
  readonly symbols?: readonly string[];
  /** In place of the real one. */
  readonly candles?: LiveCandleStore;
}

function openSession({ symbols = SYMBOLS, candles }: Given = {}) {
  const feed = new FakeFeed();
  const venue = new ScriptedVenue(at(0));
  const registry = new Registry();
  const told = { live: 0, gaps: 0, faults: [] as unknown[] };
  const live = new SqlLiveCandleStore({ database: test_.database, reaskMs: [300_000] });
  const session = new StreamSession(
    {
      openFeed: feed.open,
      tickers: new RedisTickerCache({ redis, shard: '0', rank: [Date.now(), 1] }),
      candles: candles ?? live,
      gaps: new SqlGapQueue({ database: test_.database, reaskMs: [300_000] }),
      venue,
      origin: WS,
      metrics: createStreamMetrics(registry),
      log: pino({ level: 'silent' }),
      onLive: () => told.live++,
      onGaps: () => told.gaps++,
      onFault: (error) => told.faults.push(error),
      nowMs: Date.now,
    },
    symbols,
  );
  onTestFinished(() => session.close(AbortSignal.abort()));
  const metric = async (name: string, timeframe?: string): Promise<number> => {
    const found = await registry.getSingleMetric(`m1_stream_${name}`)?.get();
    const values = found?.values.filter(
      ({ labels }) => timeframe === undefined || labels.timeframe === timeframe,
    );
    return values?.reduce((sum, { value }) => sum + value, 0) ?? Number.NaN;
  };
  return { session, feed, venue, told, live, metric, tell: feed.listener };
}

function candle(symbol: string, index: number, timeframe: Series['timeframe'] = '5m'): LiveCandle {
  return liveCandle(index, { series: { symbol, timeframe } });
}

/** Every series of the symbols has candles 0 to 2. */
async function threeCandles(live: LiveCandleStore, ...symbols: string[]): Promise<void> {
  const candles = symbols.flatMap((symbol) => [0, 1, 2].map((index) => candle(symbol, index)));
  await live.storeClosed(candles, WS);
}

describe('the end of a session', () => {
  it('stores and writes all that was accepted before it, and gives the tickers up', async () => {
    const symbols = Array.from({ length: 300 }, (_, i) => `SESSION${i}USDT`);
    const { session, feed, tell, told, metric } = openSession({ symbols });
    for (let round = 0; round < 3; round++) {
      for (const symbol of symbols) tell.ticker(ticker(symbol, `${round}.5`));
      for (const symbol of symbols) tell.closedCandle(candle(symbol, round));
    }
    await session.close(IN_TIME());

    expect(feed.closed).toBe(true);
    const { rows } = await test_.database.query<{ rows: number; candles: number }>(
      `select (select count(*)::int from ohlcv) as rows, sum(candles)::int as candles from coverage`,
    );
    expect(rows).toEqual([{ rows: 900, candles: 900 }]);
    const stored = await readStored(test_.database, { symbol: 'SESSION299USDT', timeframe: '5m' });
    expect(stored).toMatchObject({ rowsMs: [at(0), at(1), at(2)], gaps: [] });
    expect(broken(stored)).toEqual([]);

    const tickers = await readTickers(redis, symbols);
    expect(tickers.map((hash) => hash?.last_price)).toEqual(symbols.map(() => '2.5'));
    expect(await redis.exists(LEASE)).toBe(0);
    const figures = session.figures();
    expect(figures).toMatchObject({ candlesStored: 900, tickersDropped: 0, revisions: 0 });
    expect(told.faults).toEqual([]);
    // the metrics know what the end itself has written
    expect(await metric('tickers_written_total')).toBe(figures.tickersWritten);
    expect(await metric('candle_stored_seconds')).toBeGreaterThanOrEqual(900);
  });

  it('hands over what was lost before it', async () => {
    const { session, live, tell } = openSession();
    await threeCandles(live, FIRST);
    tell.live([FIVE_MINUTES], at(6) + 1_000);
    await session.close(IN_TIME());
    const { gaps } = await readStored(test_.database, FIVE_MINUTES);
    expect(gaps).toMatchObject([{ fromMs: at(3), toMs: at(6), kind: 'disconnected', open: true }]);
  });

  it('comes in time when the database does not answer', async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    const candles = { storeClosed: never, handOver: never, storeReread: never };
    const { session, tell, venue } = openSession({ candles });
    tell.closedCandle(candle(FIRST, 0));
    tell.ticker(ticker(FIRST, 7));
    tell.venueTime(at(1));
    venue.nowMs = at(2);
    tell.venueTime(at(1) + 300_000);
    // nothing but this limit can end it
    await session.close(AbortSignal.timeout(300));
    expect((await readTickers(redis, [FIRST]))[0]?.last_price).toBe('7');
  });

  it('counts the tickers that Redis did not take', async () => {
    const { session, tell, metric } = openSession();
    const write = vi
      .spyOn(RedisTickerCache.prototype, 'write')
      .mockRejectedValue(new ServerAway('Redis is away'));
    onTestFinished(() => write.mockRestore());
    for (const symbol of SYMBOLS) tell.ticker(ticker(symbol, 1));
    await session.close(AbortSignal.timeout(50));
    expect(session.figures().tickersDropped).toBe(3);
    expect(await metric('tickers_dropped_total')).toBe(3);
  });
});

describe('a disconnect', () => {
  it('that spans closes becomes gaps of the series that have candles, and wakes repair', async () => {
    const { session, live, tell, told, metric } = openSession();
    await threeCandles(live, FIRST, SECOND);
    const series = SYMBOLS.map((symbol): Series => ({ symbol, timeframe: '5m' }));
    tell.live(series, at(3) + 100);
    tell.closedCandle(candle(FIRST, 3));
    tell.closedCandle(candle(SECOND, 3));
    tell.lost(series, 'no data for 30 s');
    tell.live(series, at(7) + 100);
    await eventually(() => expect(session.figures().gaps).toBe(2));
    for (const symbol of [FIRST, SECOND]) {
      const stored = await readStored(test_.database, { symbol, timeframe: '5m' });
      expect(stored.gaps).toMatchObject([{ fromMs: at(4), toMs: at(7), kind: 'disconnected' }]);
      expect(broken(stored)).toEqual([]);
    }
    expect(told.gaps).toBeGreaterThanOrEqual(1);
    expect(await metric('gaps_total')).toBe(2);
    // nothing was ever stored of the third, so nothing of it can be missing
    const third = await readStored(test_.database, { symbol: SYMBOLS[2] ?? '', timeframe: '5m' });
    expect(third.gaps).toEqual([]);
  });

  it('that was not told shows in the next candle', async () => {
    const { session, live, tell, told } = openSession();
    await threeCandles(live, FIRST);
    tell.closedCandle(candle(FIRST, 5));
    await eventually(() => expect(told.gaps).toBe(1));
    const { gaps } = await readStored(test_.database, FIVE_MINUTES);
    expect(gaps).toMatchObject([{ fromMs: at(3), toMs: at(5), kind: 'disconnected' }]);
    expect(session.figures()).toMatchObject({ gaps: 1, candlesStored: 1 });
  });

  it('of an attempt that died wakes repair with the first hand-over, though it finds nothing', async () => {
    const { live, tell, told, session } = openSession();
    await threeCandles(live, FIRST);
    await live.handOver([{ ...FIVE_MINUTES, untilMs: at(6) }], WS);
    tell.live([FIVE_MINUTES], at(6) + 100);
    await eventually(() => expect(told.gaps).toBe(1));
    expect(session.figures().gaps).toBe(0);
  });
});

describe('a close', () => {
  it('is read again 5 s later by the venue clock: what the stream missed is stored', async () => {
    const { tell, venue, live, session, metric } = openSession({ symbols: [FIRST] });
    await threeCandles(live, FIRST);
    venue.nowMs = at(4) + 10_000;
    // the closes before the first time are looked at once more
    tell.venueTime(at(4) - 1_000);
    await eventually(() => expect(venue.asked).toHaveLength(2));
    tell.venueTime(at(4) + 4_999);
    expect(venue.asked).toHaveLength(2);
    tell.venueTime(at(4) + 5_000);
    await eventually(async () => expect(await metric('candles_missed_total', '5m')).toBe(1));
    const ofFive = venue.asked.filter(({ timeframe }) => timeframe === '5m');
    expect(ofFive.map(({ timeframe, window }) => [timeframe, window.fromMs])).toEqual([
      ['5m', at(1)],
      ['5m', at(3)],
    ]);
    expect((await readStored(test_.database, FIVE_MINUTES)).rowsMs).toContain(at(3));
    expect(session.figures().gaps).toBe(0);
  });

  it('that the stream had wrong is revised, and counted', async () => {
    const { tell, venue, live, session, metric } = openSession({ symbols: [FIRST] });
    await threeCandles(live, FIRST);
    venue.nowMs = at(3) + 10_000;
    venue.rows = (rows) => candlesAt([...rows.openTimeMs], 50);
    // the two closes before the first time, then the one after it
    tell.venueTime(at(3) - 1_000);
    await eventually(() => expect(session.figures().revisions).toBe(2));
    tell.venueTime(at(3) + 5_000);
    await eventually(() => expect(session.figures().revisions).toBe(3));
    expect(await metric('candles_revised_total')).toBe(3);
  });

  it('that the venue tells late is counted', async () => {
    const { tell, metric } = openSession();
    tell.closedCandle(candle(FIRST, 0));
    tell.closedCandle({ ...candle(FIRST, 1), venueTimeMs: at(2) + 5_001 });
    expect(await metric('candles_late_total')).toBe(1);
  });

  it('is published once it is stored', async () => {
    const { tell } = openSession();
    const subscriber = await connectRedis(redisAddress);
    onTestFinished(() => subscriber.disconnect());
    const heard: unknown[] = [];
    subscriber.on('message', (_, message: string) => heard.push(JSON.parse(message)));
    await subscriber.subscribe(`candle:${FIRST}:5m`);
    tell.closedCandle(candle(FIRST, 2));
    await eventually(() => expect(heard).toHaveLength(1));
    expect(heard[0]).toMatchObject({ symbol: FIRST, timeframe: '5m', close: 103 });
  });
});

describe('the figures', () => {
  it('are those of the feed, the tickers and the candles', async () => {
    const { session, feed, tell } = openSession();
    const topics = Array.from({ length: 12 }, (_, i) => `tickers.NOPE${i}`);
    feed.change({
      connections: [
        connection('live', { dataAgeMs: 10.4 }),
        connection('live', { dataAgeMs: 2_000.4, lastError: 'an old reset' }),
      ],
      ...{ reconnects: 3, messages: 77, malformed: 2, refusedTopics: topics },
    });
    tell.ticker(ticker(FIRST, 1));
    tell.ticker(ticker(SECOND, 1));
    tell.closedCandle(candle(FIRST, 0));
    await eventually(() => expect(session.figures().candlesStored).toBe(1));
    await eventually(() => expect(session.figures().tickersWritten).toBe(2));
    const figures = session.figures();
    expect(figures).toMatchObject({
      ...{ state: 'live', connections: 2, liveConnections: 2, symbols: 3 },
      ...{ messages: 77, reconnects: 3, dataAgeMs: 2_000, lastError: undefined },
      ...{ tickersDropped: 0, revisions: 0, gaps: 0, refusedTopics: topics.slice(0, 10) },
    });
    expect(figures.lagMs?.p50).toBeGreaterThan(0);
    expect(figures.lagMs?.p99).toBeLessThan(5_000);
    expect(figures.rssBytes).toBeGreaterThan(1_000_000);
    expect(Math.abs(Date.now() - figures.sinceMs)).toBeLessThan(60_000);
  });

  it('say how the connections are', () => {
    const { session, feed } = openSession();
    const state = (...connections: ReturnType<typeof connection>[]) => {
      feed.change({ connections });
      const { state: told, lastError, liveConnections } = session.figures();
      return [told, lastError, liveConnections];
    };
    const reset = { lastError: 'connection reset' };
    expect(state(connection('connecting'))).toEqual(['connecting', undefined, 0]);
    expect(state(connection('live'), connection('subscribing'))).toEqual([
      ...['connecting', undefined, 1],
    ]);
    expect(state(connection('live'), connection('waiting', reset))).toEqual([
      ...['reconnecting', 'connection reset', 1],
    ]);
    expect(state(connection('live', reset))).toEqual(['live', undefined, 1]);
  });
});

describe('the health of a session', () => {
  it('is lost only with a connection that claims to be live and is silent for a minute', () => {
    const { session, feed } = openSession();
    const healthy = (state: 'live' | 'waiting', dataAgeMs: number | undefined) => {
      feed.change({ connections: [connection('live'), connection(state, { dataAgeMs })] });
      return session.healthy;
    };
    expect(healthy('live', undefined)).toBe(true);
    expect(healthy('live', 59_999)).toBe(true);
    expect(healthy('live', 60_000)).toBe(false);
    expect(healthy('waiting', 600_000)).toBe(true);
  });
});

describe('a stream is live', () => {
  it('once all of its connections are, and says so once', () => {
    const { feed, tell, told } = openSession();
    feed.change({ connections: [connection('live'), connection('subscribing')] });
    tell.live([FIVE_MINUTES], at(3));
    expect(told.live).toBe(0);
    feed.change({ connections: [connection('live'), connection('live')] });
    tell.live([{ symbol: SECOND, timeframe: '5m' }], at(3));
    expect(told.live).toBe(1);
    tell.lost([FIVE_MINUTES], 'reset');
    tell.live([FIVE_MINUTES], at(4));
    expect(told.live).toBe(1);
  });

  it('also when the connection that was missing is given up', () => {
    const { feed, tell, told } = openSession();
    feed.change({ connections: [connection('live'), connection('subscribing')] });
    tell.live([FIVE_MINUTES], at(3));
    feed.change({ connections: [connection('live')] });
    tell.refused('tickers.NOPEUSDT', 'Invalid symbol');
    expect(told.live).toBe(1);
  });
});

describe('waking repair', () => {
  it('happens when gaps are due, and a database that is away is no fault', async () => {
    const { session, told, live } = openSession();
    await session.wakeRepairIfDue();
    expect(told.gaps).toBe(0);
    await threeCandles(live, SERIES.symbol);
    await live.handOver([{ ...SERIES, untilMs: at(9) }], WS);
    await session.wakeRepairIfDue();
    expect(told.gaps).toBe(1);
    const due = vi
      .spyOn(SqlGapQueue.prototype, 'due')
      .mockRejectedValue(new ServerAway('the database is away'));
    onTestFinished(() => due.mockRestore());
    await session.wakeRepairIfDue();
    expect(told).toMatchObject({ gaps: 1, faults: [] });
  });
});
