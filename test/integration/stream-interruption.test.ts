import { Client, Connection } from '@temporalio/client';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { streamWorkflowId } from '../../domain/stream.js';
import { freePort } from '../../runtime/free-port.js';
import { findTemporal } from '../../stack/find-temporal.js';
import { removePostgresData } from '../../stack/postgres-data.js';
import { provisionServers } from '../../stack/provision.js';
import { startPostgres } from '../../stack/start-postgres.js';
import { startRedis } from '../../stack/start-redis.js';
import { startTemporal } from '../../stack/start-temporal.js';
import { until } from '../stack/until.js';
import { startCollector, type Collector } from './collector.js';
import {
  connections,
  expectAllExact,
  readMetric,
  settledUntilMs,
  startStream,
  stopStream,
  tickerAtMs,
  untilLive,
  untilRepaired,
} from './streaming.js';

const NOW = Date.parse('2026-11-20T10:03:20Z');
const FROM = NOW - 2 * 86_400_000;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT'];
const NAMED = SYMBOLS.flatMap((symbol) => ['--symbol', symbol]);

/** A five-minute candle closes every five seconds. */
const SIMULATOR = { now: NOW, speed: 60, pairs: 10, klineIntervalMs: 250 };

let collector: Collector | undefined;
afterEach(async () => {
  await collector?.close();
  collector = undefined;
});

/** Two days of candles, then a stream that is live. */
async function streaming(running: Collector): Promise<void> {
  const from = new Date(FROM).toISOString();
  const backfill = await running.m1(['backfill', ...NAMED, '--from', from, '--json']);
  expect(backfill.code, backfill.stderr).toBe(0);
  await startStream(running, NAMED);
  await untilLive(running);
}

/** Resolves when a 5m candle that closed after this moment is settled in every series. */
async function anotherClose(running: Collector): Promise<void> {
  const { rows } = await running.sql.query<{ now: string }>(
    `select max(extract(epoch from upper(covered)) * 1000)::bigint as now from coverage
      where timeframe = '5m'`,
  );
  const before = Number(rows[0]?.now);
  await until('another close', async () => {
    const found = await running.sql.query<{ min: string }>(
      `select min(extract(epoch from upper(covered)) * 1000)::bigint as min from coverage
        where timeframe = '5m' and symbol = any($1)`,
      [SYMBOLS],
    );
    return Number(found.rows[0]?.min) > before ? true : undefined;
  });
}

/** Disconnects that were ever handed over. */
async function disconnects({ sql }: Collector): Promise<number> {
  const { rows } = await sql.query(`select from gap where kind = 'disconnected'`);
  return rows.length;
}

/** Stops the stream and fails unless everything up to now is there. */
async function expectNothingLost(running: Collector): Promise<void> {
  await stopStream(running);
  await untilRepaired(running);
  const candles = await expectAllExact(running, SYMBOLS, FROM);
  const settledMs = await settledUntilMs(running, SYMBOLS, '5m');
  expect(candles).toBeGreaterThan(SYMBOLS.length * 2 * 288);
  expect(settledMs).toBeGreaterThan(running.simulator.nowMs() - 3_600_000);
}

/** Whether the server has missed the heartbeats of an attempt at streaming. */
async function wentSilent({ env }: Collector): Promise<boolean> {
  const connection = await Connection.connect({ address: env['TEMPORAL_ADDRESS'] ?? '' });
  try {
    const client = new Client({ connection, namespace: env['TEMPORAL_NAMESPACE'] ?? '' });
    const handle = client.workflow.getHandle(streamWorkflowId());
    const { raw } = await handle.describe();
    const { events } = await handle.fetchHistory();
    return (
      (raw.pendingActivities ?? []).some(({ lastFailure }) => lastFailure?.timeoutFailureInfo) ||
      (events ?? []).some((event) => event.activityTaskTimedOutEventAttributes)
    );
  } finally {
    await connection.close();
  }
}

describe('a stream that is interrupted', () => {
  it('drains at SIGTERM, and the next worker takes over', async () => {
    const running = (collector = await startCollector({ simulator: SIMULATOR }));
    const worker = await running.startWorker();
    await streaming(running);
    await running.startWorker();
    await anotherClose(running);
    const before = connections(running.simulator).ever;
    const began = performance.now();
    const code = await worker.stop();
    const stoppedMs = performance.now() - began;
    expect(code).toBe(0);
    await until('another connection', () =>
      connections(running.simulator).ever > before ? true : undefined,
    );
    const openMs = performance.now() - began;
    await untilLive(running);
    const liveMs = performance.now() - began;
    // told by the worker that ended, and not found out by its silence
    expect(await wentSilent(running)).toBe(false);
    // the first socket was closed as a socket is closed, not cut
    expect(connections(running.simulator).list[before - 1]).toMatchObject({ closeCode: 1000 });
    await anotherClose(running);
    await expectNothingLost(running);
    console.log(
      `after SIGTERM: the worker ended in ${stoppedMs.toFixed(0)} ms, the next one connected ` +
        `after ${openMs.toFixed(0)} ms and was live after ${liveMs.toFixed(0)} ms`,
    );
  });

  it('goes on without Redis, counts what it could not write, and writes again', async () => {
    const { redis: binary } = await provisionServers({ log: () => undefined });
    const dataDir = mkdtempSync(path.join(tmpdir(), 'm1-redis-'));
    let redis = await startRedis({ dataDir, binary, port: 'any' });
    const metricsPort = await freePort();
    const dropped = () => readMetric(metricsPort, 'm1_stream_tickers_dropped_total');
    try {
      const running = (collector = await startCollector({
        simulator: SIMULATOR,
        redis: { host: redis.host, port: redis.port, db: 0 },
        env: { METRICS_PORT: String(metricsPort) },
      }));
      await running.startWorker();
      await streaming(running);
      expect(await dropped()).toBe(0);
      process.kill(redis.identity.pid, 'SIGKILL');
      await redis.exited;
      // candles do not need Redis
      await anotherClose(running);
      await until('dropped tickers', async () => ((await dropped()) > 0 ? true : undefined));
      redis = await startRedis({ dataDir, binary, port: { fixed: redis.port } });
      const backAtMs = Date.now();
      await until('tickers', async () =>
        (await tickerAtMs(running.redis)) > backAtMs ? true : undefined,
      );
      const droppedInAll = await dropped();
      expect(connections(running.simulator).ever).toBe(1);
      await anotherClose(running);
      expect(await dropped(), 'none while Redis was there').toBe(droppedInAll);
      await expectNothingLost(running);
    } finally {
      await redis.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it('keeps closed candles while PostgreSQL is away', async () => {
    const binaries = await provisionServers({ log: () => undefined });
    const dataDir = mkdtempSync(path.join(tmpdir(), 'm1-postgres-'));
    const options = { dataDir, binaries: binaries.postgres };
    let postgres = await startPostgres({ ...options, port: 'any' });
    try {
      const running = (collector = await startCollector({ simulator: SIMULATOR, postgres }));
      await running.startWorker();
      await streaming(running);
      await anotherClose(running);
      const gaps = await disconnects(running);
      process.kill(postgres.identity.pid, 'SIGKILL');
      await postgres.exited;
      const closedMs = running.simulator.nowMs();
      await until('two closes', () =>
        running.simulator.nowMs() > closedMs + 2 * 300_000 ? true : undefined,
      );
      postgres = await startPostgres({ ...options, port: { fixed: postgres.port } });
      await anotherClose(running);
      expect(connections(running.simulator).ever).toBe(1);
      await expectNothingLost(running);
      expect(await disconnects(running), 'nothing was missed, so nothing was repaired').toBe(gaps);
    } finally {
      await collector?.close();
      collector = undefined;
      await postgres.stop();
      removePostgresData(dataDir);
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it('goes on while Temporal is away', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'm1-temporal-'));
    const binary = await findTemporal({ log: () => undefined });
    const options = { binary, dataDir: folder, uiPort: 'none' as const };
    let temporal = await startTemporal({ ...options, port: 'any' });
    try {
      const running = (collector = await startCollector({
        simulator: SIMULATOR,
        temporal: { address: temporal.address, namespace: 'default' },
      }));
      await running.startWorker();
      await streaming(running);
      process.kill(temporal.identity.pid, 'SIGKILL');
      await temporal.exited;
      await anotherClose(running);
      temporal = await startTemporal({ ...options, port: { fixed: temporal.port } });
      await anotherClose(running);
      await untilLive(running);
      await anotherClose(running);
      await expectNothingLost(running);
    } finally {
      await collector?.close();
      collector = undefined;
      await temporal.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
