import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../runtime/free-port.js';
import { provisionServers } from '../../stack/provision.js';
import { startRedis, type RedisServer } from '../../stack/start-redis.js';
import { startCollector, type Collector } from './collector.js';
import { expectOneLine } from './expect-one-line.js';

const NOW = Date.parse('2026-11-20T10:03:20Z');

describe('wrong use of the stream', () => {
  const dataDir = mkdtempSync(`${tmpdir()}/m1-redis-`);
  let redis: RedisServer;
  let collector: Collector;

  beforeAll(async () => {
    const { redis: binary } = await provisionServers({ log: () => undefined });
    redis = await startRedis({ dataDir, binary, port: 'any' });
    collector = await startCollector({
      simulator: { now: NOW, pairs: 10 },
      redis: { host: redis.host, port: redis.port, db: 0 },
    });
  });
  afterAll(async () => {
    await collector.close();
    await redis.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('no worker: said soon, exit 1 with --detach', async () => {
    const began = performance.now();
    const { code, stderr } = await collector.m1Process(['stream', '--top', '2', '--detach']);
    expect(code, stderr).toBe(1);
    expectOneLine(stderr, /no worker is running: start m1 worker or m1 up/);
    expect(performance.now() - began).toBeLessThan(20_000);
    expect((await collector.m1Process(['runs', 'cancel', 'stream'])).code).toBe(0);
  });

  it.each([
    [['--top', '0'], /--top/],
    [['--top', 'many'], /--top/],
    [['--top', '3', '--symbol', 'BTCUSDT'], /--symbol.*--top|--top.*--symbol/],
  ] as [string[], ...RegExp[]][])('stream %j exits 2 with its cause', async (args, ...patterns) => {
    const { code, stderr, stdout } = await collector.m1Process(['stream', ...args]);
    expect(code, stderr).toBe(2);
    expectOneLine(`${stdout}${stderr}`, ...patterns);
  });

  it('an unknown symbol exits 2 with the nearest names, and changes no stream that runs', async () => {
    const worker = await collector.startWorker();
    const unknown = await collector.m1Process(['stream', '--symbol', 'BTCUSD']);
    expect(unknown.code, unknown.stderr).toBe(2);
    expectOneLine(unknown.stderr, /BTCUSD/, /BTCUSDT/);
    expect((await collector.m1Process(['stream', '--symbol', 'BTCUSDT', '--detach'])).code).toBe(0);
    const change = await collector.m1Process(['stream', '--symbol', 'ETHUSD', '--detach']);
    expect(change.code, change.stderr).toBe(2);
    expectOneLine(change.stderr, /ETHUSD/, /ETHUSDT/);
    expect(collector.simulator.stream.stats.snapshot().connections).toMatchObject({ ever: 1 });
    expect((await collector.m1Process(['stream', 'stop'])).code).toBe(0);
    expect(await worker.stop()).toBe(0);
  });

  it('an unreachable stream URL: cause, next step, exit 1, and nothing is left running', async () => {
    const port = await freePort();
    const worker = await collector.startWorker({ BYBIT_WS_URL: `ws://127.0.0.1:${port}/v5` });
    for (const args of [
      ['stream', '--top', '2'],
      ['stream', '--top', '2', '--detach'],
    ]) {
      const { code, stderr } = await collector.m1Process(args);
      expect(code, stderr).toBe(1);
      // the cause and the next step in one line, then that the stream was stopped
      expect(stderr).toMatch(/^.*ECONNREFUSED.*BYBIT_WS_URL.*$/m);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
    const { stdout } = await collector.m1Process(['stream', 'stop']);
    expect(stdout).toMatch(/no stream/);
    expect(await worker.stop()).toBe(0);
  });

  it('a wrong password of Redis: worker and command name it and exit 1', async () => {
    const admin = new Redis({ host: redis.host, port: redis.port });
    await admin.config('SET', 'requirepass', 'right');
    try {
      for (const args of [['worker'], ['stream', '--top', '2'], ['stream', '--json']]) {
        const { code, stderr } = await collector.m1Process(args, { REDIS_PASSWORD: 'wrong' });
        expect(code, stderr).toBe(1);
        expectOneLine(stderr, /refuses the password: check REDIS_PASSWORD/);
      }
    } finally {
      await admin.config('SET', 'requirepass', '');
      admin.disconnect();
    }
  });
});
