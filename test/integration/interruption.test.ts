import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { findTemporal } from '../../stack/find-temporal.js';
import { removePostgresData } from '../../stack/postgres-data.js';
import { provisionServers } from '../../stack/provision.js';
import { startPostgres } from '../../stack/start-postgres.js';
import { startRedis } from '../../stack/start-redis.js';
import { startTemporal } from '../../stack/start-temporal.js';
import { startCollector, type Collector } from './collector.js';
import { expectInvariant, expectTruth } from './compare-with-truth.js';
import { until } from '../stack/until.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-20T10:03:20Z');
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT', 'DOGEUSDT', 'ADAUSDT'];
const BACKFILL = ['backfill', ...SYMBOLS.flatMap((symbol) => ['--symbol', symbol]), '--json'];

/** Slow enough that the kill falls into the middle of the run. */
const SIMULATOR = { now: NOW, speed: 0, latencyMs: 400 };

async function storedPages(collector: Collector): Promise<number> {
  const { rows } = await collector.sql.query<{ count: number }>(
    'select count(*)::int as count from "fetch"',
  );
  return rows[0]?.count ?? 0;
}

/** Resolves in the middle of the run. */
async function fortyPages(collector: Collector): Promise<void> {
  await until('40 pages', async () => ((await storedPages(collector)) >= 40 ? true : undefined));
}

async function expectExact(collector: Collector): Promise<void> {
  for (const symbol of SYMBOLS) {
    for (const timeframe of TIMEFRAMES) {
      await expectTruth(collector.simulator, collector.sql, {
        ...{ symbol, timeframe, fromMs: NOW - 90 * DAY, toMs: NOW },
      });
    }
  }
  await expectInvariant(collector.sql);
}

/** How many windows were asked for more than once. */
function askedAgain(collector: Collector): number {
  const seen = new Map<string, number>();
  for (const { symbol, interval, start, end } of collector.simulator.stats.klines()) {
    const key = [symbol, interval, start, end].join(' ');
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  return [...seen.values()].reduce((sum, times) => sum + times - 1, 0);
}

describe('a run that is interrupted', () => {
  let collector: Collector | undefined;
  afterEach(async () => {
    await collector?.close();
    collector = undefined;
  });

  it('goes on after its worker was killed, and asks again only what was in flight', async () => {
    collector = await startCollector({ simulator: SIMULATOR });
    const worker = await collector.startWorker();
    const running = collector.m1(BACKFILL);
    await fortyPages(collector);
    const asked = collector.simulator.stats.klines().length;
    const stored = await storedPages(collector);
    await worker.kill();
    const inFlight = collector.simulator.stats.klines().length - stored;
    await collector.startWorker();
    const { code, stderr, stdout } = await running;
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'done', failed: [] });
    await expectExact(collector);
    expect(asked).toBeLessThan(collector.simulator.stats.klines().length);
    expect(askedAgain(collector)).toBeLessThanOrEqual(inFlight);
  });

  it('goes on after Temporal was killed and started again on its file', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'm1-temporal-'));
    const binary = await findTemporal({ log: () => undefined });
    let temporal = await startTemporal({ binary, dataDir: folder, port: 'any', uiPort: 'none' });
    try {
      collector = await startCollector({
        simulator: SIMULATOR,
        temporal: { address: temporal.address, namespace: 'default' },
      });
      await collector.startWorker();
      const running = collector.m1(BACKFILL);
      await fortyPages(collector);
      process.kill(temporal.identity.pid, 'SIGKILL');
      await temporal.exited;
      temporal = await startTemporal({
        ...{ binary, dataDir: folder, port: { fixed: temporal.port }, uiPort: 'none' },
      });
      const { code, stderr } = await running;
      expect(code, stderr).toBe(0);
      await expectExact(collector);
    } finally {
      await temporal.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('goes on after PostgreSQL and Redis were killed and started again on their data', async () => {
    const binaries = await provisionServers({ log: () => undefined });
    const folder = mkdtempSync(path.join(tmpdir(), 'm1-servers-'));
    const startStores = async (ports?: { postgres: number; redis: number }) => ({
      postgres: await startPostgres({
        dataDir: path.join(folder, 'postgres'),
        binaries: binaries.postgres,
        port: ports === undefined ? 'any' : { fixed: ports.postgres },
      }),
      redis: await startRedis({
        dataDir: path.join(folder, 'redis'),
        binary: binaries.redis,
        port: ports === undefined ? 'any' : { fixed: ports.redis },
      }),
    });
    let { postgres, redis } = await startStores();
    try {
      collector = await startCollector({
        simulator: SIMULATOR,
        postgres,
        redis: { host: redis.host, port: redis.port, db: 0 },
      });
      await collector.startWorker();
      const running = collector.m1(BACKFILL);
      await fortyPages(collector);
      process.kill(postgres.identity.pid, 'SIGKILL');
      process.kill(redis.identity.pid, 'SIGKILL');
      await Promise.all([postgres.exited, redis.exited]);
      const ports = { postgres: postgres.port, redis: redis.port };
      ({ postgres, redis } = await startStores(ports));
      const { code, stderr } = await running;
      expect(code, stderr).toBe(0);
      await expectExact(collector);
      expect(collector.simulator.stats.snapshot().mostIn5s).toBeLessThanOrEqual(600);
    } finally {
      await collector?.close();
      collector = undefined;
      await Promise.all([postgres.stop(), redis.stop()]);
      removePostgresData(path.join(folder, 'postgres'));
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('stops its pages in flight at SIGTERM, and another worker goes on', async () => {
    collector = await startCollector({ simulator: SIMULATOR });
    const worker = await collector.startWorker();
    const running = collector.m1(BACKFILL);
    await fortyPages(collector);
    expect(await worker.stop()).toBe(0);
    await collector.startWorker();
    const { code, stderr } = await running;
    expect(code, stderr).toBe(0);
    await expectExact(collector);
  });
});
