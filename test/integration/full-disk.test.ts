import { afterEach, expect, it } from 'vitest';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { smallDisk } from '../stack/small-disk.js';
import { moveCandles } from '../storage/small-tablespace.js';
import { startCollector, type Collector } from './collector.js';
import { expectInvariant, expectTruth } from './compare-with-truth.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-20T10:03:20Z');
const BACKFILL = ['backfill', '--symbol', 'BTCUSDT'];

let collector: Collector | undefined;
afterEach(() => collector?.close());

it('a full disk ends the run with its cause, and the next run goes on', async (context) => {
  const disk = smallDisk(context, 3);
  collector = await startCollector({ simulator: { now: NOW, speed: 0 } });
  const { sql, simulator } = collector;
  const space = await moveCandles(sql, disk);
  await collector.startWorker();

  const full = await collector.m1(BACKFILL);
  expect(full.code, full.stderr).toBe(1);
  expect(full.stderr.trim().split('\n').at(-1)).toMatch(/no space left.*free/i);
  await expectInvariant(sql);

  await sql.query('alter table ohlcv set tablespace pg_default');
  await sql.query(`drop tablespace ${space}`);
  const again = await collector.m1(BACKFILL);
  expect(again.code, again.stderr).toBe(0);
  for (const timeframe of TIMEFRAMES) {
    const range = { symbol: 'BTCUSDT', timeframe, fromMs: NOW - 90 * DAY, toMs: NOW };
    await expectTruth(simulator, sql, range);
  }
});
