import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../../simulator/simulator.js';
import { ask, DAY, FIVE_MINUTES, HOUR, rows, start, stopAll, times } from './support.js';

const HEADER = 'symbol,ts,open,high,low,close,volume';
const A = Date.parse('2020-05-05T00:00:00Z');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'm1-recorded-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(stopAll);

async function file(name: string, lines: string[]): Promise<string> {
  const path = join(folder, name);
  const text = [HEADER, ...lines, ''].join('\n');
  await writeFile(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

describe('recorded candles', () => {
  it('are published as plain decimals, with volume times close as turnover', async () => {
    const candles = await file('small.csv.gz', [
      `ADABTC,${A},5.33e-05,5.34E-5,0.0000530,5.330e-05,431401.9787`,
      `ADABTC,${A + 2 * FIVE_MINUTES},5.29e-05,5.294e-05,5.269e-05,5.27e-05,100.0`,
      `ADABTC,${A + DAY},6e-05,7e-05,5e-05,6e-05,1`,
    ]);
    const simulator = await start({ candles, now: A + 2 * DAY });
    const at = { symbol: 'ADABTC', start: A, end: A + HOUR };
    expect(await rows(simulator, at)).toEqual([
      [
        String(A + 2 * FIVE_MINUTES),
        '0.0000529',
        '0.00005294',
        '0.00005269',
        '0.0000527',
        '100',
        '0.00527',
      ],
      [
        String(A),
        '0.0000533',
        '0.0000534',
        '0.000053',
        '0.0000533',
        '431401.9787',
        '22.99372546471',
      ],
    ]);
    expect(await rows(simulator, { ...at, interval: '60' })).toEqual([
      [
        String(A),
        '0.0000533',
        '0.0000534',
        '0.00005269',
        '0.0000527',
        '431501.9787',
        '22.99899546471',
      ],
    ]);
    expect(times(await rows(simulator, { symbol: 'ADABTC', interval: 'D' }))).toEqual([A + DAY, A]);
    expect(simulator.truth.symbols()).toEqual(['ADABTC']);
    const info = await ask(simulator, '/v5/market/instruments-info', { category: 'spot' });
    expect(info.result?.list).toMatchObject([
      { symbol: 'ADABTC', baseCoin: 'ADA', quoteCoin: 'BTC' },
    ]);
    const tickers = await ask(simulator, '/v5/market/tickers', { category: 'spot' });
    expect(tickers.result?.list).toMatchObject([{ lastPrice: '0.00006', volume24h: '0' }]);
  });

  it('grow while the market is inside them', async () => {
    const candles = await file('open.csv', [`XRPUSDT,${A},1,3,0.5,2,1000`]);
    const simulator = await start({ candles, now: A + 1000 });
    const at = { symbol: 'XRPUSDT' };
    const [first] = await rows(simulator, at);
    simulator.control.setClock({ nowMs: A + 200_000 });
    const [second] = await rows(simulator, at);
    simulator.control.setClock({ nowMs: A + FIVE_MINUTES });
    const [last] = await rows(simulator, at);
    expect(first?.[1]).toBe('1');
    expect(Number(first?.[5])).toBeLessThan(Number(second?.[5]));
    expect(Number(second?.[5])).toBeLessThan(1000);
    expect(last).toEqual([String(A), '1', '3', '0.5', '2', '1000', '2000']);
  });

  it.each([
    ['header', ['x'], 'the first line must be'],
    ['grid', [HEADER, `A,${A + 1},1,1,1,1,1`], 'line 2'],
    ['cells', [HEADER, `A,${A},1,1,1,1`], '7 fields'],
    ['number', [HEADER, `A,${A},1,1,1,one,1`], "'one' is not a number"],
    ['double', [HEADER, `A,${A},1,1,1,1,1`, `A,${A},1,1,1,1,1`], 'there twice'],
  ])('are refused with a wrong %s', async (name, lines, reason) => {
    const path = join(folder, `${name}.csv`);
    await writeFile(path, lines.join('\n'));
    await expect(startSimulator({ candles: path })).rejects.toThrow(reason);
  });
});

const data = process.env.M1_RECORDED_DATA ?? join(import.meta.dirname, '../../../shared/data');
const files = ['candles-5m-btc-pairs-2018-01.csv.gz', 'candles-5m-xrpusdt-2021-11.csv.gz'].map(
  (name) => join(data, name),
);
const present = files.every((path) => existsSync(path));
const title = `replay of ${data}${present ? '' : ' (skipped: the folder is absent)'}`;

describe.skipIf(!present)(title, () => {
  const recorded = new Map<string, number[][]>();
  beforeAll(() => {
    for (const path of files) {
      for (const line of gunzipSync(readFileSync(path)).toString().trim().split('\n').slice(1)) {
        const [symbol = '', ...cells] = line.split(',');
        recorded.set(symbol, [...(recorded.get(symbol) ?? []), cells.map(Number)]);
      }
    }
  });

  it('equals the files row by row, holes included', async () => {
    const simulator = await start({ candles: files, now: '2021-12-01' });
    expect(simulator.truth.symbols().sort()).toEqual([...recorded.keys()].sort());
    for (const [symbol, expected] of recorded) {
      const served: string[][] = [];
      for (let from = expected[0]?.[0] ?? 0; ;) {
        const page = await rows(simulator, { symbol, start: from, limit: 1000 });
        if (page.length === 0) break;
        served.push(...page.reverse());
        from = Number(served.at(-1)?.[0]) + FIVE_MINUTES;
      }
      expect(served.map((row) => row.slice(0, 6).map(Number))).toEqual(expected);
      expect(served.every((row) => row.every((cell) => /^\d+(\.\d+)?$/.test(cell)))).toBe(true);
    }
  });

  it('rolls up the rows that exist', async () => {
    const simulator = await start({ candles: files, now: '2021-12-01' });
    for (const [symbol, expected] of recorded) {
      const first = Math.floor((expected[0]?.[0] ?? 0) / HOUR) * HOUR;
      const hours = simulator.truth.candles(symbol, '1h', first, first + 30 * DAY);
      const byHour = new Map<number, number[][]>();
      for (const row of expected) {
        const hour = Math.floor((row[0] ?? 0) / HOUR) * HOUR;
        byHour.set(hour, [...(byHour.get(hour) ?? []), row]);
      }
      expect(times(hours)).toEqual([...byHour.keys()]);
      for (const hour of hours) {
        const parts = byHour.get(Number(hour[0])) ?? [];
        expect(Number(hour[1])).toBe(parts[0]?.[1]);
        expect(Number(hour[2])).toBe(Math.max(...parts.map((row) => row[2] ?? NaN)));
        expect(Number(hour[3])).toBe(Math.min(...parts.map((row) => row[3] ?? NaN)));
        expect(Number(hour[4])).toBe(parts.at(-1)?.[4]);
        const volume = parts.reduce((sum, row) => sum + (row[5] ?? NaN), 0);
        expect(Number(hour[5])).toBeCloseTo(volume, 5);
      }
    }
  });
});
