import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCollector, type Collector } from './collector.js';
import { expectInvariant, storedRows } from './compare-with-truth.js';

const FOLDER =
  process.env['M1_RECORDED_DATA'] ??
  fileURLToPath(new URL('../../../shared/data', import.meta.url));
const FILE = path.join(FOLDER, 'candles-5m-btc-pairs-2018-01.csv.gz');
const RECORDED = existsSync(FILE);

/** The rows of the file itself, read without the simulator. */
function recordedRows(symbol: string, fromMs: number, toMs: number): number[][] {
  return gunzipSync(readFileSync(FILE))
    .toString('utf8')
    .split('\n')
    .map((line) => line.split(','))
    .filter(([name]) => name === symbol)
    .map(([, ...cells]) => cells.map(Number))
    .filter(([time = 0]) => time >= fromMs && time < toMs)
    .sort(([a = 0], [b = 0]) => a - b);
}

describe.skipIf(!RECORDED)(`recorded candles (skipped without ${path.basename(FILE)})`, () => {
  let collector: Collector;

  beforeAll(async () => {
    collector = await startCollector({ simulator: { candles: FILE, now: '2018-01-31', speed: 0 } });
    await collector.startWorker();
  });
  afterAll(() => collector.close());

  it('are stored exactly, their real holes as nothing', async () => {
    const { code, stderr } = await collector.m1([
      ...['backfill', '--symbol', 'ETHBTC', '--symbol', 'ADABTC', '--timeframe', '5m'],
      ...['--from', '2018-01-10', '--to', '2018-01-31'],
    ]);
    expect(code, stderr).toBe(0);
    const from = Date.parse('2018-01-10');
    const to = Date.parse('2018-01-31');
    // The market's clock stands at --to, where the last candle is not yet past its slack.
    const settledUntil = to - 300_000;
    const holes = new Map<string, number>();
    for (const symbol of ['ETHBTC', 'ADABTC']) {
      const recorded = recordedRows(symbol, from, to);
      const stored = await storedRows(collector.sql, symbol, '5m');
      expect(stored.map((row) => row.slice(0, 6))).toEqual(recorded);
      const first = recorded[0]?.[0] ?? 0;
      const settled = recorded.filter(([time = 0]) => time < settledUntil).length;
      holes.set(symbol, (settledUntil - first) / 300_000 - settled);
    }
    expect(holes.get('ADABTC')).toBeGreaterThan(0);
    const { rows } = await collector.sql.query<{ symbol: string; missing: number }>(
      `select symbol, sum(extract(epoch from upper(period) - lower(period)) / 300)::int as missing
         from gap where closed_at is null and kind = 'unconfirmed' group by 1 order by 1`,
    );
    const expected = [...holes].filter(([, missing]) => missing > 0).sort();
    expect(rows.map(({ symbol, missing }) => [symbol, missing])).toEqual(expected);
    await expectInvariant(collector.sql);
  });
});
