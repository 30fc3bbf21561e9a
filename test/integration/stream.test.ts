import { afterEach, describe, expect, it } from 'vitest';
import { timeframeMs } from '../../domain/timeframe.js';
import { freePort } from '../../runtime/free-port.js';
import { until } from '../stack/until.js';
import { startCollector, type Collector } from './collector.js';
import {
  connections,
  expectAllExact,
  readMetric,
  settledUntilMs,
  startStream,
  stopStream,
  tickerKeys,
  untilLive,
  untilRepaired,
} from './streaming.js';

const NOW = Date.parse('2026-11-20T10:03:20Z');
const DAY = 86_400_000;

let collector: Collector;
afterEach(async () => {
  await collector.close();
});

describe('the stream', () => {
  it('keeps the tickers of 50 symbols in Redis, as the venue wrote them', async () => {
    // a market that stands still: what the stream brought must equal what REST says
    collector = await startCollector({ simulator: { now: NOW, speed: 0, pairs: 60 } });
    await collector.startWorker();
    await startStream(collector, ['--top', '50']);
    const keys = await until('50 tickers', async () => {
      const found = await tickerKeys(collector);
      return found.length === 50 ? found : undefined;
    });
    const answer = await fetch(`${collector.simulator.url}/v5/market/tickers?category=spot`);
    const { result } = (await answer.json()) as {
      result: { list: Readonly<Record<string, string>>[] };
    };
    const bySymbol = new Map(result.list.map((row) => [row['symbol'], row]));
    for (const key of keys) {
      const hash = await collector.redis.hgetall(key);
      const row = bySymbol.get(key.slice('ticker:'.length));
      const { updated_at: updatedAt, ...rest } = hash;
      expect(rest).toEqual({
        symbol: row?.['symbol'],
        last_price: row?.['lastPrice'],
        price_24h_pct: row?.['price24hPcnt'],
        high_24h: row?.['highPrice24h'],
        low_24h: row?.['lowPrice24h'],
        volume_24h: row?.['volume24h'],
        turnover_24h: row?.['turnover24h'],
      });
      expect(updatedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
      expect(Math.abs(Date.now() - Date.parse(updatedAt ?? ''))).toBeLessThan(60_000);
      const ttl = await collector.redis.pttl(key);
      expect(ttl).toBeGreaterThan(0);
      expect(ttl).toBeLessThanOrEqual(60_000);
    }
    // it fails unless the sockets are closed within 10 s
    await stopStream(collector);
    expect(connections(collector.simulator).now).toBe(0);
    // nobody renews them any more, so Redis drops each within its time to live
    const ttls = await Promise.all(keys.map((key) => collector.redis.pttl(key)));
    expect(Math.max(...ttls)).toBeLessThanOrEqual(60_000);
  });

  it('follows 300 symbols on several connections, all acknowledged, all flowing', async () => {
    collector = await startCollector({
      simulator: { now: NOW, pairs: 320, busyPairs: 320, tickerIntervalMs: 1_000 },
    });
    await collector.startWorker();
    await startStream(collector, ['--top', '300']);
    await until('300 tickers', async () =>
      (await tickerKeys(collector)).length === 300 ? true : undefined,
    );
    const { stats } = collector.simulator.stream;
    const snapshot = await until('all acknowledged', () => {
      const now = stats.snapshot();
      return now.acks === now.requests && now.requests > 100 ? now : undefined;
    });
    expect(snapshot.connections.now).toBeGreaterThan(1);
    expect(snapshot.refusals).toBe(0);
    const asked = stats.requests().flatMap(({ args }) => args);
    expect(Math.max(...stats.requests().map(({ args }) => args.length))).toBeLessThanOrEqual(10);
    expect(new Set(asked).size).toBe(300 * 6);
  });

  it('goes over to other pairs without a moment in between', async () => {
    collector = await startCollector({ simulator: { now: NOW, pairs: 20 } });
    await collector.startWorker();
    await startStream(collector, ['--symbol', 'BTCUSDT', '--symbol', 'ETHUSDT']);
    await until('two tickers', async () =>
      (await tickerKeys(collector)).length === 2 ? true : undefined,
    );
    const changed = await startStream(collector, ['--symbol', 'ETHUSDT', '--symbol', 'SOLUSDT']);
    expect(changed.stderr + changed.stdout).toMatch(/added SOLUSDT.*removed BTCUSDT/s);
    await until('the third ticker', async () =>
      (await tickerKeys(collector)).includes('ticker:SOLUSDT') ? true : undefined,
    );
    await until('one connection', () =>
      connections(collector.simulator).now === 1 ? true : undefined,
    );
    const shown = await collector.m1(['runs', 'show', 'stream']);
    expect(shown.stdout).toMatch(/Stream of ETHUSDT, SOLUSDT$/m);
    const [first, second] = connections(collector.simulator).list;
    expect(second?.openedAtMs).toBeLessThan(first?.closedAtMs ?? 0);
  });
});

describe('closed candles', () => {
  it('all arrive through ten disconnects, a half-open socket and a killed worker', async () => {
    const metricsPort = await freePort();
    const symbols = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT', 'DOGEUSDT', 'ADAUSDT'];
    const named = symbols.flatMap((symbol) => ['--symbol', symbol]);
    // a five-minute candle closes every ten seconds
    collector = await startCollector({
      simulator: { now: NOW, speed: 30, pairs: 20, klineIntervalMs: 250 },
      env: { METRICS_PORT: String(metricsPort) },
    });
    const { simulator } = collector;
    const worker = await collector.startWorker();
    const fromMs = NOW - 2 * DAY;
    const backfill = await collector.m1(['backfill', ...named, '--from', iso(fromMs), '--json']);
    expect(backfill.code, backfill.stderr).toBe(0);
    await startStream(collector, named);
    await untilLive(collector);
    const began = simulator.nowMs();

    for (let drop = 0; drop < 10; drop++) {
      await untilLive(collector);
      const seen = connections(simulator).ever;
      // at a random moment of the time between two closes
      await until('the moment', afterMs(Math.random() * 4_000));
      if (drop === 3) {
        await worker.kill();
        await collector.startWorker();
      } else if (drop === 6) {
        simulator.stream.control.silence();
      } else {
        simulator.stream.control.drop();
      }
      await until('another connection', () =>
        connections(simulator).ever > seen ? true : undefined,
      );
    }
    simulator.stream.control.drop();
    await untilLive(collector);
    const before = await closeToStored(metricsPort);
    const stored = await until('a close that was seen', async () => {
      const now = await closeToStored(metricsPort);
      return now.count > before.count ? now : undefined;
    });
    await stopStream(collector);
    const endedMs = simulator.nowMs();
    await untilRepaired(collector);
    const candles = await expectAllExact(collector, symbols, fromMs);
    const until5m = await settledUntilMs(collector, symbols, '5m');
    expect(until5m).toBeGreaterThan(endedMs - 12 * timeframeMs('5m'));
    console.log(
      `${candles} candles equal the truth, ${Math.round((until5m - began) / 60_000)} minutes of ` +
        `market time streamed; from close to stored, by the last worker: ` +
        `${stored.meanMs.toFixed(0)} ms (mean of ${stored.count})`,
    );
  }, 600_000);
});

function afterMs(ms: number): () => true | undefined {
  const began = performance.now();
  return () => (performance.now() - began >= ms ? true : undefined);
}

/** Candles of 5m stored by this worker, and the time from their close to that, from its metrics. */
async function closeToStored(port: number): Promise<{ count: number; meanMs: number }> {
  const name = 'm1_stream_candle_stored_seconds';
  // no sample before the first close
  const count = (await readMetric(port, `${name}_count{timeframe="5m"}`)) || 0;
  const sum = await readMetric(port, `${name}_sum{timeframe="5m"}`);
  return { count, meanMs: (sum / count) * 1000 };
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
