import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { judgeClock, judgeStream } from '../../cli/doctor/check-venue.js';
import type { Check } from '../../cli/doctor/check.js';
import type { SimulatorOptions } from '../../simulator/options.js';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { SqlBanStore } from '../../storage/ban-store.js';
import { PostgresDatabase } from '../../storage/postgres.js';
import { connectRedis } from '../../storage/redis.js';
import { RedisBudget } from '../../storage/redis-budget.js';
import { migratedDatabase, type FreshDatabase } from '../servers/fresh-database.js';
import { postgresVariables, redisVariables } from '../servers/server-variables.js';
import { freshRedis, type FreshRedis } from '../servers/fresh-redis.js';
import { runCaptured } from './captured.js';

let postgres: FreshDatabase;
let database: PostgresDatabase;
let redis: FreshRedis;

beforeAll(async () => {
  [postgres, redis] = await Promise.all([migratedDatabase(), freshRedis()]);
  database = new PostgresDatabase(postgres);
});

afterAll(async () => {
  await database.close();
  await postgres.drop();
});

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ pairs: 3, tickerIntervalMs: 50, ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** The lines about the venue, as `state text`. */
async function doctor(
  { url, wsUrl }: Pick<Simulator, 'url' | 'wsUrl'>,
  env: Record<string, string> = {},
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { stdout } = await runCaptured('doctor --venue --json', {
    BYBIT_REST_URL: url,
    BYBIT_WS_URL: wsUrl,
    ...postgresVariables(postgres),
    ...redisVariables(redis),
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    ...env,
  });
  const { checks } = JSON.parse(stdout) as { checks: readonly Check[] };
  const about = (name: string): readonly string[] =>
    checks.filter((check) => check.name === name).map(({ state, text }) => `${state} ${text}`);
  return {
    rest: about('ByBit REST'),
    stream: about('ByBit stream'),
    clock: about('ByBit clock'),
    budget: about('ByBit budget'),
    key: about('API key'),
  };
}

/** How far the local clock is ahead, and how exactly that is known, s. */
function clockOf(lines: readonly string[] | undefined) {
  const [, seconds, side, exactTo] =
    /is (\S+) s (behind|ahead of) ByBit, give or take (\S+) s/.exec(lines?.[0] ?? '') ?? [];
  return { ahead: (side === 'behind' ? -1 : 1) * Number(seconds), exactTo: Number(exactTo) };
}

const BAN = /^fail ByBit has banned this IP, nothing is asked before 2\d{3}-\S+Z: wait, /;

describe('doctor --venue', () => {
  it('finds nothing wrong, with two requests; the simulated answers are slow', async () => {
    const simulator = await start({ latencyMs: 300 });
    const { rest, stream, clock, budget, key } = await doctor(simulator);
    expect(rest).toEqual([expect.stringMatching(/^ok http:\S+ answers in \d+ ms$/)]);
    expect(Number(/(\d+) ms$/.exec(rest?.[0] ?? '')?.[1])).toBeGreaterThanOrEqual(299);
    expect(stream).toEqual([expect.stringMatching(/^ok ws:\S+ sends data after \d+\.\d s$/)]);
    // all of the latency is on the way of the answer: without halving it were more than is allowed for
    const { ahead, exactTo } = clockOf(clock);
    expect(clock).toEqual([
      expect.stringMatching(/^ok this machine is .* ahead of ByBit, give or take/),
    ]);
    expect(exactTo).toBeGreaterThan(0.14);
    expect(ahead).toBeLessThan(exactTo + 0.02);
    expect(budget).toEqual([
      "ok ByBit's own headers: 598 of 600 requests are left",
      'ok 570 requests in any 5 s (BYBIT_RATE_LIMIT), running workers use 0',
      'ok no ban is stored',
    ]);
    expect(key).toEqual([]);
    expect(simulator.stats.snapshot().requests).toBe(2);
  });

  it('tells a refused region from a ban, and both from a venue that is away', async () => {
    const simulator = await start();
    const status = { kind: 'status', status: 403 } as const;
    simulator.faults.add({ effect: { ...status, body: 'region' }, times: 1 });
    expect((await doctor(simulator)).rest?.[0]).toMatch(
      /^fail ByBit refuses this network \(HTTP 403 without.*region.*use another network/,
    );
    simulator.faults.add({ effect: { ...status, body: 'ban' }, times: 1 });
    expect((await doctor(simulator)).rest?.[0]).toMatch(
      /^fail ByBit has banned this IP.*: stop what else asks ByBit from here, and wait$/,
    );
    const away = { url: 'http://127.0.0.1:1', wsUrl: 'ws://127.0.0.1:1' };
    const { rest, stream } = await doctor(away, { BYBIT_API_KEY: 'k' });
    expect(rest?.[0]).toMatch(
      /^fail no answer from .*ECONNREFUSED.*: check the network.*REST_URL$/,
    );
    expect(stream?.[0]).toMatch(/^fail ws:.*ECONNREFUSED.*: check the network, BYBIT_WS_URL/);
  });

  it('asks no stream that the configuration refuses, and says why', async () => {
    expect((await doctor(await start(), { BYBIT_WS_URL: '' })).stream).toEqual([
      expect.stringMatching(/^warn the stream is refused: .*BYBIT_REST_URL.*set BYBIT_WS_URL/),
    ]);
  });

  it('measures the clock', async () => {
    const simulator = await start({ now: Date.now() + 60_000 });
    const behind = (simulator.nowMs() - Date.now()) / 1000;
    const { clock } = await doctor(simulator);
    expect(clock).toEqual([
      expect.stringMatching(/^warn this machine is \S+ s behind ByBit, .*timedatectl/),
    ]);
    const { ahead, exactTo } = clockOf(clock);
    expect(Math.abs(ahead + behind)).toBeLessThan(exactTo + 0.02);
  });

  it('sees a stream that is refused', async () => {
    const simulator = await start();
    simulator.stream.faults.refuseConnections();
    expect((await doctor(simulator)).stream).toEqual([
      expect.stringMatching(/^fail ws:\S+: HTTP 503 on connecting: check the network/),
    ]);
  });

  it('counts what workers use, and asks nothing during a ban that they have stored', async () => {
    const simulator = await start({ quirks: { rateHeaders: false } });
    const client = await connectRedis({ ...redis, password: undefined });
    const worker = new RedisBudget({
      ...{ redis: client, bans: new SqlBanStore(database) },
      ...{ limit: 570, requestTimeoutMs: 10_000 },
    });
    onTestFinished(() => {
      worker.close();
      client.disconnect();
    });
    for (let i = 0; i < 3; i++) await worker.take('backfill');
    const key = { BYBIT_API_KEY: 'public', BYBIT_API_SECRET: 'hush' };
    const before = await doctor(simulator, key);
    expect(before.budget?.slice(0, 2)).toEqual([
      'ok ByBit sends no headers of its limit',
      'ok 570 requests in any 5 s (BYBIT_RATE_LIMIT), running workers use 3',
    ]);
    expect(before.key).toEqual(['ok configured, and not needed: no call of M1 is signed']);
    await worker.ban(Date.now() + 60_000);
    const asked = simulator.stats.snapshot().requests;
    const during = await doctor(simulator);
    expect(during.budget?.[1]).toMatch(BAN);
    expect(during.rest?.[0]).toMatch(/^fail http:\S+ was not asked, because of the ban$/);
    // either place alone remembers it
    expect((await doctor(simulator, { REDIS_PORT: '1' })).budget?.[1]).toMatch(BAN);
    expect((await doctor(simulator, { POSTGRES_PORT: '1' })).budget?.[1]).toMatch(BAN);
    expect(simulator.stats.snapshot().requests).toBe(asked);
  });
});

describe('judgements', () => {
  it('allow a clock the error of its measuring', () => {
    expect(judgeClock({ aheadMs: 1900, roundTripMs: 2000 }).state).toBe('ok');
    const behind = judgeClock({ aheadMs: -1900, roundTripMs: 100 });
    expect(behind.state).toBe('warn');
    expect(behind.text).toMatch(/^this machine is 1\.90 s behind ByBit, give or take 0\.05 s: /);
    expect(judgeClock({ aheadMs: 1e11, roundTripMs: 1 }).text).toContain('another date');
  });

  it('name the region when the stream is forbidden', () => {
    const forbidden = { kind: 'failed', reason: 'HTTP 403 on connecting' } as const;
    expect(judgeStream(forbidden, 'wss://x').text).toMatch(/: HTTP 403 .*region.*another network$/);
  });
});
