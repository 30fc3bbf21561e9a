import { Client, Connection } from '@temporalio/client';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { syncScheduleId } from '../../domain/sync.js';
import { findTemporal } from '../../stack/find-temporal.js';
import { startTemporal } from '../../stack/start-temporal.js';
import { until } from '../stack/until.js';
import { startCollector, type Collector } from './collector.js';
import { expectAllExact } from './streaming.js';
import { startSync, syncedAfter, syncStatus } from './syncing.js';

const NOW = Date.parse('2026-11-20T10:03:20Z');
const HOUR = 3_600_000;
const FROM = NOW - 48 * HOUR;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const NAMED = SYMBOLS.flatMap((symbol) => ['--symbol', symbol]);

/** The shortest catch-up window that the server takes, ms, and a little more. */
const BEYOND_CATCH_UP_MS = 13_000;

/** As if two hours of five-minute candles were a few seconds of the clock on the wall. */
async function everySecond(address: string): Promise<void> {
  const connection = await Connection.connect({ address });
  const handle = new Client({ connection }).schedule.getHandle(syncScheduleId('5m'));
  await handle.update(({ action, state }) => ({
    ...{ action, state },
    spec: { intervals: [{ every: '1s' }] },
    policies: { overlap: 'SKIP', catchupWindow: '10s' },
  }));
  await connection.close();
}

it('services off for two hours, then on: one catch-up round, and status says what was missed', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'm1-temporal-'));
  const binary = await findTemporal({ log: () => undefined });
  const server = { binary, dataDir: folder, uiPort: 'none' } as const;
  let temporal = await startTemporal({ ...server, port: 'any' });
  let collector: Collector | undefined;
  try {
    collector = await startCollector({
      simulator: { now: NOW, speed: 0, pairs: 10 },
      temporal: { address: temporal.address, namespace: 'default' },
    });
    const worker = await collector.startWorker();
    const from = new Date(FROM).toISOString();
    const backfill = await collector.m1(['backfill', ...NAMED, '--from', from, '--json']);
    expect(backfill.code, backfill.stderr).toBe(0);
    await startSync(collector, NAMED);
    await syncedAfter(collector);
    await everySecond(temporal.address);

    await worker.stop();
    process.kill(temporal.identity.pid, 'SIGKILL');
    await temporal.exited;
    // what passes here is the thing to be tested: starts that fall out of the catch-up window
    await sleep(BEYOND_CATCH_UP_MS);
    collector.simulator.control.setClock({ nowMs: NOW + 2 * HOUR });
    collector.simulator.stats.reset();
    temporal = await startTemporal({ ...server, port: { fixed: temporal.port } });
    await collector.startWorker();
    await collector.m1(['sync', 'trigger']);

    const running = collector;
    await until('a round that caught up', async () => {
      const { timeframes } = await syncStatus(running);
      return timeframes[0]?.missed.while_down !== 0 ? true : undefined;
    });
    await until('the candles of two hours', async () => {
      const { rows } = await running.sql.query(
        `select from coverage where timeframe = '5m' and upper(covered) = '2026-11-20T12:00Z'`,
      );
      return rows.length === SYMBOLS.length ? true : undefined;
    });
    const text = (await collector.m1(['sync', 'status'])).stdout;
    expect(text).toMatch(/missed: [1-9]\d* runs? while Temporal was down/);
    await collector.m1(['sync', 'stop']);
    await expectAllExact(collector, SYMBOLS, FROM);
    // the missing two hours were asked for once a series; later rounds read their last candles only
    const { rows } = await collector.sql.query(
      `select from "fetch" where timeframe = '5m' and added = 24`,
    );
    expect(rows).toHaveLength(SYMBOLS.length);
    const caughtUp = collector.simulator.stats
      .klines()
      .filter(({ interval, start, end }) => interval === '5' && Number(end) - Number(start) > HOUR);
    expect(caughtUp.map(({ symbol }) => symbol).sort()).toEqual(SYMBOLS);
  } finally {
    await collector?.close();
    await temporal.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
