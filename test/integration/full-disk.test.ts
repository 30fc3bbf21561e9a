import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { startCollector, type Collector } from './collector.js';
import { expectInvariant, expectTruth } from './compare-with-truth.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-20T10:03:20Z');
const BACKFILL = ['backfill', '--symbol', 'BTCUSDT'];

let collector: Collector | undefined;
afterEach(() => collector?.close());

it('a full disk ends the run with its cause, and the next run goes on', async (context) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'm1-full-'));
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder]);
  if (mount.status !== 0) {
    rmdirSync(folder);
    context.skip(`mounting is not permitted here: ${mount.stderr.toString()}`);
  }
  try {
    collector = await startCollector({ simulator: { now: NOW, speed: 0 } });
    const { sql, simulator } = collector;
    const { rows } = await sql.query<{ data_directory: string }>('show data_directory');
    const { uid, gid } = statSync(rows[0]?.data_directory ?? '');
    chownSync(folder, uid, gid);
    const space = `full_${Date.now()}`;
    await sql.query(`create tablespace ${space} location '${folder}'`);
    await sql.query(`alter table ohlcv set tablespace ${space}`);
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
  } finally {
    spawnSync('umount', [folder]);
    rmdirSync(folder);
  }
});
