import { describe, expect, onTestFinished, test } from 'vitest';
import { TIMEFRAMES, timeframeMs } from '../../../domain/timeframe.js';
import type { LiveCandle } from '../../../domain/live-candle.js';
import { klineName } from '../../../exchange/stream/topics.js';
import type { SimulatorOptions } from '../../../simulator/options.js';
import { startSimulator, type Simulator } from '../../../simulator/simulator.js';
import { MALFORMED_FORMS } from '../../../simulator/stream-fault-rule.js';
import { until } from '../../stack/until.js';
import { openFeed } from './feed-under-test.js';

/** Candles of all five timeframes close at once. */
const MIDNIGHT_MS = Date.parse('2026-02-16T00:00:00Z');

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ now: MIDNIGHT_MS - 60_000, speed: 1, ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** The symbols that the simulator has, BTCUSDT among them. */
function followed(simulator: Simulator, count: number): string[] {
  const others = simulator.truth.symbols().filter((symbol) => symbol !== 'BTCUSDT');
  return ['BTCUSDT', ...others].slice(0, count);
}

function expectTruth(candle: LiveCandle, simulator: Simulator): void {
  const { symbol, timeframe, openTimeMs, open, high, low, close, volume, turnover } = candle;
  const [row] = simulator.truth.candles(symbol, timeframe, openTimeMs, openTimeMs + 1);
  expect([openTimeMs, open, high, low, close, volume, turnover], klineName(candle)).toEqual(
    row?.map(Number),
  );
}

describe.each([
  [50, 1, 30],
  [300, 2, 180],
])('%i symbols', (count, connections, requests) => {
  test('all acknowledged, all flowing, every close told as it is', async () => {
    const simulator = await start({ pairs: count, busyPairs: count, klineIntervalMs: 300 });
    const symbols = followed(simulator, count);
    const { feed, told, heard } = openFeed({ url: simulator.wsUrl, symbols });
    await heard('live', connections);
    const stats = simulator.stream.stats.snapshot();
    expect(stats).toMatchObject({ refusals: 0, connections: { now: connections } });
    expect(stats.requests).toBeGreaterThanOrEqual(requests);
    expect(stats.acks).toBe(stats.requests);
    const live = told.events.flatMap((event) => ('live' in event ? event.live : []));
    expect(new Set(live).size).toBe(5 * count);
    await until('a ticker of each', () => {
      const heardOf = new Set(told.tickers.map(({ symbol }) => symbol));
      return heardOf.size === count || undefined;
    });
    simulator.control.setClock({ nowMs: MIDNIGHT_MS - 200 });
    await until('every close', () => told.candles.length >= 5 * count || undefined);
    expect(new Set(told.candles.map(klineName)).size).toBe(5 * count);
    for (const candle of told.candles) {
      expect(candle.openTimeMs + timeframeMs(candle.timeframe)).toBe(MIDNIGHT_MS);
      expectTruth(candle, simulator);
    }
    expect(feed.status()).toMatchObject({ malformed: 0, reconnects: 0, refusedTopics: [] });
  });
});

test.each([
  { streamReqId: 'empty' },
  { streamRefusal: 'partial' },
  { streamUnknownSymbol: 'handler-not-found' },
  { streamConnId: 'uuid' },
  { streamDataBeforeAck: true },
  { streamJoinedBoundary: true },
  { streamDuplicateConfirms: true },
  { streamArgsCount: 'json' },
  { streamBlankIndexPrice: true },
  { streamDeflate: true },
] as const)('the venue as %j, with an unknown symbol among the others', async (quirks) => {
  const simulator = await start({ pairs: 20, quirks });
  const symbols = ['NOPEUSDT', ...followed(simulator, 20)];
  const { feed, told, heard } = openFeed({ url: simulator.wsUrl, symbols });
  await heard('live');
  expect(told.refusedTopics).toHaveLength(6);
  for (const topic of told.refusedTopics) expect(topic).toMatch(/\.NOPEUSDT$/);
  simulator.control.setClock({ nowMs: MIDNIGHT_MS - 200 });
  const closed = () => new Set(told.candles.map(klineName));
  await until('every close', () => closed().size === 20 * TIMEFRAMES.length || undefined);
  for (const candle of told.candles) expectTruth(candle, simulator);
  expect(feed.status().malformed).toBe(0);
});

test.each(MALFORMED_FORMS)('frames that are malformed: %s', async (form) => {
  const simulator = await start({ pairs: 5 });
  simulator.stream.faults.add({ effect: { kind: 'malformed', form }, probability: 0.3, seed: 7 });
  const { feed, told, heard } = openFeed({
    url: simulator.wsUrl,
    symbols: followed(simulator, 5),
  });
  await heard('live');
  simulator.control.setClock({ nowMs: MIDNIGHT_MS - 200 });
  const closed = () => new Set(told.candles.map(klineName));
  await until('every close', () => closed().size === 5 * TIMEFRAMES.length || undefined);
  for (const candle of told.candles) expectTruth(candle, simulator);
  for (const ticker of told.tickers) expect(Number(ticker.lastPrice)).toBeGreaterThan(0);
  expect(feed.status().malformed).toBeGreaterThan(0);
  expect(told.count('lost')).toBe(0);
});

test('a refused connection, a cut one and a silent one', async () => {
  const simulator = await start({ pairs: 5, tickerIntervalMs: 50 });
  simulator.stream.faults.refuseConnections(Infinity, 'destroy');
  const { feed, told, heard } = openFeed({
    url: simulator.wsUrl,
    symbols: followed(simulator, 5),
    timing: { silenceLimitMs: 800 },
  });
  await until('a refusal', () => feed.status().connections[0]?.lastError);
  expect(feed.status().connections[0]?.lastError).toBe('socket hang up');
  simulator.stream.faults.acceptConnections();
  await heard('live');
  simulator.stream.control.drop({ code: 1012 });
  await heard('live', 2);
  expect(told.events[1]).toMatchObject({ reason: 'the venue closed the connection (1012)' });
  simulator.stream.control.silence();
  await heard('live', 3);
  expect(told.events[3]).toMatchObject({ reason: 'no data for 0.8 s' });
});
