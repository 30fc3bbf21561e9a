import { afterEach, describe, expect, it } from 'vitest';
import { TIMEFRAMES, timeframeMs } from '../../domain/timeframe.js';
import { useOwnTemporal } from '../servers/own-temporal.js';
import { until } from '../stack/until.js';
import { startCollector, type Collector } from './collector.js';
import { expectTruth } from './compare-with-truth.js';
import { expectAllExact } from './streaming.js';
import { askedTwice, startSync, syncedAfter, syncStatus, type SyncDocument } from './syncing.js';

const ownNamespace = useOwnTemporal();

const NOW = Date.parse('2026-11-20T10:03:20Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FROM = NOW - 2 * DAY;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
const NAMED = SYMBOLS.flatMap((symbol) => ['--symbol', symbol]);

/** A market whose clock the test moves. */
const SIMULATOR = { now: NOW, speed: 0, pairs: 10 };

let collector: Collector;
afterEach(async () => {
  await collector.close();
});

/** Two days of candles of every series. */
async function backfilled(names: readonly string[] = NAMED): Promise<void> {
  const from = new Date(FROM).toISOString();
  const { code, stderr } = await collector.m1(['backfill', ...names, '--from', from, '--json']);
  expect(code, stderr).toBe(0);
}

function advance(ms: number): void {
  collector.simulator.control.setClock({ nowMs: collector.simulator.nowMs() + ms });
}

function resultOf(document: SyncDocument, timeframe: string) {
  return document.timeframes.find((one) => one.timeframe === timeframe)?.result;
}

describe('sync', () => {
  it('makes up in one round for two hours in which nothing ran', async () => {
    collector = await startCollector({ simulator: SIMULATOR, temporal: await ownNamespace() });
    const worker = await collector.startWorker();
    await backfilled();
    await startSync(collector, NAMED);
    const before = await syncedAfter(collector);
    expect(resultOf(before, '5m')).toMatchObject({ series: 3, candles: 0, caught_up_seconds: 0 });

    await worker.stop();
    advance(2 * HOUR);
    collector.simulator.stats.reset();
    expect((await collector.m1(['sync', 'trigger'])).code).toBe(0);
    await collector.startWorker();
    const after = await syncedAfter(collector, before);

    expect(await expectAllExact(collector, SYMBOLS, FROM)).toBeGreaterThan(3 * 2 * 288);
    expect(resultOf(after, '5m')).toMatchObject({
      ...{ series: 3, candles: 3 * 24, revised: 0, requests: 3 + 3, failed: [] },
      ...{ caught_up_seconds: 2 * 3600, lag_seconds: 200 },
    });
    expect(resultOf(after, '1d')).toMatchObject({ candles: 0, requests: 3 + 3 });
    expect(askedTwice(collector)).toEqual([]);
    const { rows } = await collector.sql.query('select from gap where closed_at is null');
    expect(rows).toEqual([]);

    // the next one has nothing new to read, and leaves no trace of it
    const fetches = async (): Promise<number> =>
      (await collector.sql.query('select from "fetch"')).rows.length;
    const traces = await fetches();
    await collector.m1(['sync', 'trigger']);
    const idle = await syncedAfter(collector, after);
    expect(resultOf(idle, '5m')).toMatchObject({ candles: 0, revised: 0, caught_up_seconds: 0 });
    expect(await fetches()).toBe(traces);

    // rows that somebody deletes are missed within the hour, though no repair waits for anything
    await collector.sql.query(`delete from ohlcv where symbol = 'ETHUSDT' and timeframe = '1h'`);
    await collector.sql.query(`update row_scan set scanned_at = scanned_at - interval '1 day'`);
    await collector.m1(['sync', 'trigger']);
    await until('the rows to be back', async () => {
      const { rows } = await collector.sql.query<{ n: number }>(
        `select count(*)::int as n from ohlcv where symbol = 'ETHUSDT' and timeframe = '1h'`,
      );
      return rows[0]?.n === 2 * 24 + 1 ? true : undefined;
    });
    await expectAllExact(collector, SYMBOLS, FROM);
  });

  it('corrects a candle that the venue amends after its close, and counts it', async () => {
    collector = await startCollector({ simulator: SIMULATOR, temporal: await ownNamespace() });
    await collector.startWorker();
    const openTimeMs = Date.parse('2026-11-20T09:55:00Z');
    collector.simulator.control.changeSymbol('BTCUSDT', {
      amendments: [{ openTimeMs, untilMs: NOW + 60_000 }],
    });
    await backfilled();
    const volume = async (): Promise<number | undefined> => {
      const { rows } = await collector.sql.query<{ volume: number }>(
        `select volume from ohlcv where symbol = 'BTCUSDT' and timeframe = '5m' and "timestamp" = $1`,
        [new Date(openTimeMs)],
      );
      return rows[0]?.volume;
    };
    const early = await volume();
    advance(5 * 60_000);
    await startSync(collector, NAMED);
    const document = await syncedAfter(collector);
    expect(resultOf(document, '5m')).toMatchObject({ revised: 1, candles: 3 });
    expect(await volume()).toBeGreaterThan(early ?? Infinity);
    await expectAllExact(collector, SYMBOLS, FROM);
  });

  it('gives up a series that fails four times, goes on with the others, and reads it the next time', async () => {
    collector = await startCollector({ simulator: SIMULATOR, temporal: await ownNamespace() });
    await collector.startWorker();
    await backfilled();
    advance(HOUR);
    collector.simulator.faults.add({
      match: { endpoint: 'kline', symbol: 'ETHUSDT', interval: '5' },
      effect: { kind: 'status', status: 500 },
    });
    collector.simulator.stats.reset();
    await startSync(collector, NAMED);
    const partial = await syncedAfter(collector);
    expect(resultOf(partial, '5m')).toMatchObject({
      candles: 2 * 12,
      failed: [{ symbol: 'ETHUSDT', timeframe: '5m' }],
    });
    const asked = (symbol: string): number =>
      collector.simulator.stats
        .klines()
        .filter((one) => one.symbol === symbol && one.interval === '5').length;
    // the others are not asked again by the attempts that only ETHUSDT needed
    expect([asked('BTCUSDT'), asked('SOLUSDT')]).toEqual([1, 1]);
    collector.simulator.faults.clear();
    await collector.m1(['sync', 'trigger']);
    const done = await syncedAfter(collector, partial);
    expect(resultOf(done, '5m')).toMatchObject({ failed: [] });
    await expectTruth(collector.simulator, collector.sql, {
      ...{ symbol: 'ETHUSDT', timeframe: '5m', fromMs: FROM, toMs: collector.simulator.nowMs() },
    });
  });

  it('changes the set, pauses, resumes and stops without a restart', async () => {
    collector = await startCollector({ simulator: SIMULATOR, temporal: await ownNamespace() });
    await collector.startWorker();
    await backfilled();
    expect((await collector.m1(['sync', 'status'])).stdout).toContain('nothing is kept');
    expect((await collector.m1(['sync', 'pause'])).code).toBe(1);
    await startSync(collector, NAMED);
    const first = await syncedAfter(collector);
    const changed = await startSync(collector, ['--symbol', 'BTCUSDT']);
    expect(changed.stdout).toContain('kept up to date from now on: BTCUSDT, instead of');
    const second = await syncedAfter(collector, first);
    expect(second.set).toMatchObject({ pairs: { kind: 'symbols', symbols: ['BTCUSDT'] } });
    expect(resultOf(second, '5m')).toMatchObject({ series: 1 });
    const next = second.timeframes.map((one) => Date.parse(one.next ?? ''));
    TIMEFRAMES.forEach((timeframe, i) => {
      // a few seconds after a close
      const afterClose = (next[i] ?? 0) % timeframeMs(timeframe);
      expect(afterClose).toBeGreaterThanOrEqual(10_000);
      expect(afterClose).toBeLessThanOrEqual(21_000);
    });
    // of each Schedule the last run is listed and shown
    const { runs } = JSON.parse((await collector.m1(['runs', 'list', '--json'])).stdout) as {
      runs: { kind: string; workflow_id: string; started: string }[];
    };
    const syncs = runs.filter(({ kind }) => kind === 'sync').map((run) => run.workflow_id);
    expect(syncs.map((id) => id.split('-', 1)[0]).sort()).toEqual(
      TIMEFRAMES.map((timeframe) => `sync/bybit/${timeframe}`).sort(),
    );
    const shown = await collector.m1(['runs', 'show', 'sync/bybit/5m']);
    expect(shown.stdout.split('\n')[0]).toBe(syncs.find((id) => id.includes('/5m-')));
    expect(shown.stdout).toMatch(/^done: 5m of 1 pair up to /m);
    expect((await collector.m1(['runs', 'watch', 'repair'])).code).toBe(2);

    expect((await collector.m1(['sync', 'pause'])).code).toBe(0);
    expect((await syncStatus(collector)).timeframes.every(({ paused }) => paused)).toBe(true);
    // a start resumes as well
    for (const command of ['resume', 'pause', 'start']) {
      expect((await collector.m1(['sync', command])).code).toBe(0);
    }
    // the server takes up a change a moment after it has accepted it
    await until('all resumed', async () => {
      const { timeframes } = await syncStatus(collector);
      return timeframes.some(({ paused }) => paused) ? undefined : true;
    });
    expect((await collector.m1(['sync', 'stop'])).code).toBe(0);
    expect((await syncStatus(collector)).timeframes).toEqual([]);
    expect((await collector.m1(['sync', 'trigger'])).code).toBe(1);
  });
});
