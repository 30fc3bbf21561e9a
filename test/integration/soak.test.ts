import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../stack/until.js';
import { startCollector, type Collector } from './collector.js';

const NOW = Date.parse('2026-11-20T10:03:20Z');
const NAMED = ['--symbol', 'BTCUSDT,ETHUSDT,SOLUSDT'];

/** A five-minute candle closes every ten seconds. */
const MARKET = { now: NOW, speed: 30, pairs: 20, klineIntervalMs: 250 };

/** Time between two drops, once to twice as long, ms: some come before, some after a close. */
const CALM_MS = 6_000;
const DROPS = 6;

interface SoakDocument {
  readonly status: string;
  readonly source: string;
  readonly seconds: number;
  readonly wanted_seconds: number;
  readonly criteria: readonly {
    readonly name: string;
    readonly passed: boolean;
    readonly measured: string;
  }[];
  readonly missing: readonly { readonly symbol: string; readonly timeframe: string }[];
  readonly samples: readonly { readonly state: string; readonly missing: number | null }[];
}

let collector: Collector;
afterEach(async () => {
  await collector.close();
});

describe('m1 soak', () => {
  it('passes a stream whose connections are dropped at random', async () => {
    collector = await startCollector({ simulator: MARKET });
    const { simulator } = collector;
    await collector.startWorker();
    // so that every series owes what follows
    const backfill = await collector.m1(['backfill', ...NAMED, '--days', '2', '--json']);
    expect(backfill.code, backfill.stderr).toBe(0);
    const report = path.join(collector.env['M1_HOME'] ?? '', 'soak.md');
    const args = ['soak', '--hours', '0.02', ...NAMED, '--report', report, '--json'];
    const soaking = collector.m1(args);
    for (let drop = 0; drop < DROPS; drop++) {
      const atMs = performance.now() + CALM_MS * (1 + Math.random());
      const come = (): true | undefined => (performance.now() > atMs ? true : undefined);
      await until('the moment of a drop', come);
      simulator.stream.control.drop();
    }
    const { code, stdout, stderr } = await soaking;
    expect(code, stdout + stderr).toBe(0);
    const found = JSON.parse(stdout) as SoakDocument;
    expect(found).toMatchObject({ status: 'passed', source: 'simulated', missing: [] });
    expect(found.seconds).toBeGreaterThanOrEqual(72);
    expect(found.samples.length).toBeGreaterThan(20);
    const measured = (name: string): string =>
      found.criteria.find((each) => each.name === name)?.measured ?? '';
    expect(Number.parseInt(measured('reconnects'))).toBeGreaterThan(1);
    // three symbols, and at least six closes of five minutes
    expect(Number.parseInt(measured('candles'))).toBeGreaterThan(3 * 6);
    const markdown = readFileSync(report, 'utf8');
    expect(markdown).toMatch(/^# SIMULATED soak of 3 symbols: PASSED after/);
    expect(markdown.split('\n').filter((line) => /^\| \d+ \|/.test(line))).toHaveLength(
      found.samples.length,
    );
    // it was its own stream
    expect((await collector.m1(['stream', 'stop'])).stdout).toBe('no stream is running\n');
  }, 600_000);

  it('fails one that loses the candles of a series, and leaves the stream that it joined', async () => {
    collector = await startCollector({ simulator: MARKET });
    const { simulator } = collector;
    await collector.startWorker();
    simulator.stream.faults.add({
      match: { topic: 'kline.5.ETHUSDT', frames: 'closing' },
      effect: { kind: 'withhold' },
    });
    simulator.faults.add({
      match: { endpoint: 'kline', symbol: 'ETHUSDT', interval: '5' },
      effect: { kind: 'retCode', retCode: 10016 },
    });
    expect((await collector.m1(['stream', ...NAMED, '--detach'])).code).toBe(0);
    const soak = collector.spawnM1(['soak', '--hours', '0.1']);
    let stdout = '';
    soak.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    await until(
      'candles that are missing',
      () => (/[2-9] missing/.test(stdout) ? true : undefined),
      240_000,
    );
    soak.kill('SIGINT');
    const [code] = (await once(soak, 'close')) as [number];
    expect(code, stdout).toBe(3);
    expect(stdout).toMatch(/SIMULATED soak of 3 symbols: FAILED after .* of 6 min 0 s/);
    expect(stdout).toMatch(/^candles +FAILED/m);
    expect(stdout).toMatch(/^ETHUSDT 5m: (\d+) of \1 candles missing$/m);
    expect(stdout).not.toMatch(/^(BTCUSDT|SOLUSDT) /m);
    for (const name of ['heartbeats', 'memory peak', 'lag p99', 'reconnects', 'tickers dropped']) {
      expect(stdout).toMatch(new RegExp(`^${name} +ok`, 'm'));
    }
    expect((await collector.m1(['stream', 'stop'])).stdout).toMatch(/^SIMULATED stopped/);
  }, 600_000);

  it('starts nothing that it cannot run', async () => {
    collector = await startCollector({ simulator: MARKET });
    const alone = await collector.m1(['soak']);
    expect(alone.code, alone.stderr).toBe(1);
    expect(alone.stderr).toBe('m1: no worker is running: start m1 worker or m1 up\n');
    expect((await collector.m1(['stream', 'stop'])).stdout).toBe('no stream is running\n');
    await collector.startWorker();
    const unknown = await collector.m1(['soak', '--symbol', 'BTCUSDX', '--json']);
    expect(unknown.code, unknown.stderr).toBe(2);
    expect(unknown.stderr).toContain('BTCUSDT');
    expect(unknown.stdout).toBe('');
  });
});
