import { performance } from 'node:perf_hooks';
import { AdminHttp } from './admin-http.js';
import { FaultRegistry } from './fault-registry.js';
import { parseMoment } from './input-reader.js';
import { closeServer, createHttpServer, HOST, listen } from './http-server.js';
import { KlineEndpoint } from './kline-endpoint.js';
import { MarketClock } from './market-clock.js';
import { MarketControl } from './market-control.js';
import { Market } from './market.js';
import { OpenCandles } from './open-candles.js';
import { openStream } from './open-stream.js';
import { atLeastZero, type SimulatorOptions } from './options.js';
import { PageCache } from './page-cache.js';
import { checkQuirks, DEFAULT_QUIRKS } from './quirks.js';
import { RateLimit } from './rate-limit.js';
import { readRecordedCandles } from './recorded-candles.js';
import { RequestStats } from './request-stats.js';
import type { StreamHandles } from './stream-admin.js';
import { STREAM_PATH } from './stream-server.js';
import { DEFAULT_RECENT, MARKET_START_MS, planPairs } from './symbol-catalog.js';
import { TickerBoard } from './ticker-board.js';
import { Truth } from './truth.js';
import { VenueHttp } from './venue-http.js';

/** A running simulator, with direct handles for programs in the same process. */
export interface Simulator {
  /** Base URL, as http://127.0.0.1:41234. */
  readonly url: string;
  /** Whole URL of the spot stream, as ws://127.0.0.1:41234/v5/public/spot. */
  readonly wsUrl: string;
  readonly port: number;
  /** What the candles really are. */
  readonly truth: Truth;
  readonly faults: FaultRegistry;
  readonly stats: RequestStats;
  /** Faults, statistics and connections of the stream. */
  readonly stream: StreamHandles;
  /** Changes clock, listings and behaviour, as the admin endpoints do. */
  readonly control: MarketControl;
  /** The market's now, ms. */
  nowMs(): number;
  /** Stops listening and cuts every connection; may be called again. */
  close(): Promise<void>;
}

const DEFAULT_PAIRS = 60;
const DEFAULT_LIMIT = 600;
const DEFAULT_BAN_MS = 600_000;
const DEFAULT_KLINE_LOG = 20_000;
const CACHE_PAGES = 1500;
const CACHE_BYTES = 150_000_000;

/**
 * Starts a local ByBit v5 spot venue. Thrown: an Error with the port when it is taken, with the file
 * and line when recorded candles cannot be read, with the name when an option is wrong.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const wallClock = options.wallClock ?? (() => performance.now());
  const market = await openMarket(options);
  const cache = options.pageCache === false ? undefined : new PageCache(CACHE_PAGES, CACHE_BYTES);
  const faults = new FaultRegistry();
  const stats = new RequestStats(options.klineLog ?? DEFAULT_KLINE_LOG);
  const limit = new RateLimit(
    atLeastZero('limit', options.limit ?? DEFAULT_LIMIT),
    options.banMs ?? DEFAULT_BAN_MS,
  );
  const truth = new Truth(market);
  const candles = new OpenCandles(market);
  const board = new TickerBoard(market, candles);
  const { server: streamServer, stream } = openStream({ market, candles, board }, options);
  const control = new MarketControl({
    market,
    cache,
    faults,
    stats,
    limit,
    stream: { ...stream, onClock: () => streamServer.clockChanged() },
  });
  const venue = new VenueHttp({
    market,
    kline: new KlineEndpoint(market, cache),
    tickers: board,
    limit,
    faults,
    stats,
    wallClock,
    latencyMs: atLeastZero('latencyMs', options.latencyMs ?? 0),
    jitterMs: atLeastZero('jitterMs', options.jitterMs ?? 0),
  });
  const admin = new AdminHttp({ market, control, faults, stats, truth, stream });
  const server = createHttpServer(venue, admin, streamServer);
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://${HOST}:${port}`,
    wsUrl: `ws://${HOST}:${port}${STREAM_PATH}`,
    port,
    truth,
    faults,
    stats,
    stream,
    control,
    nowMs: () => market.clock.nowMs(),
    close: () => {
      streamServer.close();
      return closeServer(server);
    },
  };
}

/** Builds the market alone, without a server: the same options, the same candles. */
export async function openMarket(options: SimulatorOptions = {}): Promise<Market> {
  const nowMs = options.now === undefined ? Date.now() : parseMoment(options.now, 'now');
  const speed = atLeastZero('speed', options.speed ?? 1);
  const clock = new MarketClock(nowMs, speed, options.wallClock ?? (() => performance.now()));
  const quirks = { ...DEFAULT_QUIRKS, ...checkQuirks(options.quirks ?? {}) };
  const market = new Market(clock, options.seed ?? 'm1', quirks);
  if (options.candles !== undefined) {
    const files = typeof options.candles === 'string' ? [options.candles] : options.candles;
    const recorded = await readRecordedCandles(files);
    recorded.forEach((series, rank) => market.addRecorded(series, rank));
    return market;
  }
  if (nowMs < MARKET_START_MS) {
    throw new Error('now: the synthetic market begins on 2021-07-05; set a later time');
  }
  const pairs = atLeastZero('pairs', options.pairs ?? DEFAULT_PAIRS);
  const recent = Math.min(
    pairs,
    options.recentListings ?? Math.min(DEFAULT_RECENT, Math.floor(pairs / 10)),
  );
  for (const plan of planPairs({ seed: market.seed, pairs, recent, nowMs })) {
    market.addPlanned(plan);
  }
  return market;
}
