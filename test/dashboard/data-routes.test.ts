import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import type {
  CandleSlice,
  CoverageGrid,
  GapList,
  Health,
  Overview,
  RepairPreview,
  SeriesList,
} from '../../dashboard/api.js';
import { applySchedule } from '../../runtime/schedules.js';
import { connectTemporal } from '../../runtime/temporal.js';
import { syncSchedule } from '../../steering/sync-schedules.js';
import { SqlBanStore } from '../../storage/ban-store.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { PostgresDatabase } from '../../storage/postgres.js';
import { SqlSourceStore } from '../../storage/source-store.js';
import { freshRedis } from '../servers/fresh-redis.js';
import { openSilentLink } from '../servers/silent-link.js';
import { at, numbers, ORIGIN, pageOf, SERIES } from '../storage/pages.js';
import { configOf, emptyServers, okJson, serve, type Served, type Servers } from './served.js';

/** 5m candles of a day. */
const DAY = 288;
const ETH = { symbol: 'ETHUSDT', timeframe: '5m' } as const;
const RANGES = [{ ...SERIES, fromMs: at(DAY), toMs: at(2 * DAY) }];

let servers: Servers;
let served: Served;
let database: PostgresDatabase;

beforeAll(async () => {
  servers = await emptyServers(await freshRedis());
  served = await serve(servers);
  database = new PostgresDatabase(servers.database);
  expect(await okJson(served.get('/api/coverage?timeframe=5m&days=90'))).toMatchObject({
    rows: [],
  });
  await new SqlSourceStore(database).claim('simulated');
  const store = new SqlCandleStore({ database, reaskMs: [300_000] });
  await store.storePage(pageOf(0, DAY, numbers(0, DAY)));
  const holed = numbers(DAY, 2 * DAY).filter((index) => index !== 300 && index !== 301);
  await store.storePage(pageOf(DAY, 2 * DAY, holed));
  await store.storePage(pageOf(2 * DAY, 720, numbers(2 * DAY, 720)));
  const listed = { series: ETH, startsOnFirstDay: true };
  await store.storePage(pageOf(0, DAY, numbers(144, DAY), listed));
  await store.storePage(
    pageOf(DAY, 870, numbers(DAY, 866), { series: ETH, openIndex: 865, startsOnFirstDay: false }),
  );
});

afterAll(async () => {
  await database.close();
  await served.close();
  await servers.database.drop();
});

it('says what each day of a series has', async () => {
  const grid = await okJson<CoverageGrid>(served.get('/api/coverage?timeframe=5m&days=5'));
  expect(grid).toEqual({
    timeframe: '5m',
    fromMs: at(-DAY),
    days: 5,
    rows: [
      // not asked for, complete, a hole, half asked for, not asked for
      { symbol: 'BTCUSDT', states: '36233', stored: [0, 100, 99.3, 50, 0] },
      // not listed, listed at noon; the last one has only begun
      { symbol: 'ETHUSDT', states: '76666', stored: [0, 100, 100, 100, 100] },
    ],
  });
});

it('calls missing what was not asked for, but for what retention removes or a delisting ends', async () => {
  const iso = (index: number): string => new Date(at(index)).toISOString();
  const row = async () => {
    const grid = await okJson<CoverageGrid>(served.get('/api/coverage?timeframe=5m&days=5'));
    return grid.rows[0];
  };
  await database.query(`insert into symbols (name, is_active) values ('BTCUSDT', false)`);
  await database.query(
    `update coverage set covered = covered - tstzmultirange(tstzrange($1, $2)) where symbol = 'BTCUSDT'`,
    [iso(0), iso(278)],
  );
  // what is kept of a reading is over
  await expect
    .poll(row)
    .toEqual({ symbol: 'BTCUSDT', states: '33233', stored: [0, 3.47, 99.3, 50, 0] });
  await database.query(
    `insert into retention (timeframe, horizon, keep, applied_at) values ('5m', $1, '1 day', now())`,
    [iso(DAY)],
  );
  await database.query(
    `insert into gap (symbol, timeframe, period, kind, asked, found_at, found_by)
     values ('BTCUSDT', '5m', tstzrange($1, $2), 'after_delisting', 0, now(), 'sync')`,
    [iso(719), iso(720)],
  );
  await expect
    .poll(row)
    .toEqual({ symbol: 'BTCUSDT', states: '76267', stored: [0, 100, 99.3, 100, 0] });
  await database.query(`delete from gap where kind = 'after_delisting'`);
});

it('counts the rows of a few days, also those that somebody has deleted', async () => {
  const count = (from: number, to: number) =>
    served.get(`/api/stored?symbol=ETHUSDT&timeframe=5m&from=${at(from)}&to=${at(to)}`);
  await database.query(
    `delete from ohlcv where symbol = 'ETHUSDT' and "timestamp" = '${new Date(at(400)).toISOString()}'`,
  );
  expect(await okJson(count(DAY, 2 * DAY))).toEqual({ candles: DAY, stored: DAY - 1, lost: 1 });
  expect(await okJson(count(2 * DAY, 3 * DAY))).toEqual({ candles: DAY, stored: DAY, lost: 0 });
  expect((await count(0, 31 * DAY + 1)).status).toBe(400);
});

it('lists gaps with the runs behind them', async () => {
  const query = `symbol=BTCUSDT&timeframe=5m&from=${at(DAY)}&to=${at(2 * DAY)}`;
  const { gaps, more } = await okJson<GapList>(served.get(`/api/gaps?${query}`));
  expect(more).toBe(false);
  expect(gaps).toMatchObject([
    {
      ...SERIES,
      ...{ fromMs: at(300), toMs: at(302), candles: 2, kind: 'unconfirmed', asked: 1 },
      runs: [{ workflowId: ORIGIN.workflowId, runId: ORIGIN.runId }],
    },
  ]);
  const none = await okJson<GapList>(served.get(`/api/gaps?from=0&to=1000`));
  expect(none.gaps).toEqual([]);
  expect((await served.get('/api/gaps?from=5')).status).toBe(400);
});

it('gives the newest candles with their gaps, and older ones', async () => {
  const newest = await okJson<CandleSlice>(
    served.get('/api/candles?symbol=ETHUSDT&timeframe=5m&limit=3'),
  );
  expect(newest.candles.map(([openMs]) => openMs)).toEqual([at(863), at(864), at(865)]);
  expect(newest.candles[0]).toEqual([at(863), 963, 973.5, 953.25, 964, 0.1 * 863]);
  expect(newest.lastIsOpen).toBe(true);
  // what was traded of the open one since it was read, nobody knows
  expect(newest.candles.map((candle) => candle[5] === null)).toEqual([false, false, true]);
  const older = await okJson<CandleSlice>(
    served.get(`/api/candles?symbol=BTCUSDT&timeframe=5m&limit=4&to=${at(304)}`),
  );
  expect(older.candles.map(([openMs]) => openMs)).toEqual([298, 299, 302, 303].map((i) => at(i)));
  expect(older.gaps).toMatchObject([{ fromMs: at(300), toMs: at(302) }]);
  expect(older.lastIsOpen).toBe(false);
});

it('sums up', async () => {
  const overview = await okJson<Overview>(served.get('/api/overview'));
  expect(overview).toMatchObject({ source: 'simulated', simulated: true });
  expect(overview.totals).toEqual({ series: 2, candles: 718 + 721, gaps: 1 });
  const { series } = await okJson<SeriesList>(served.get('/api/series'));
  expect(series).toMatchObject([
    { ...SERIES, gaps: 1, firstMs: at(278) },
    { ...ETH, candles: 721, gaps: 0, lastMs: at(864), completeness: 1 },
  ]);
});

it('says what a repair takes, then has it done', async () => {
  const preview = await okJson<RepairPreview>(
    served.post('/api/repairs', { ranges: RANGES, preview: true }),
  );
  expect(preview).toEqual({ gaps: 1, candles: 2, requests: 1, seconds: 1 });
  const due = async () => {
    const { rows } = await database.query<{ due: boolean }>(
      `select next_ask <= now() as due from gap where kind = 'unconfirmed'`,
    );
    return rows;
  };
  expect(await due()).toEqual([{ due: false }]);
  expect((await served.post('/api/repairs', { ranges: RANGES })).status).toBe(202);
  expect(await due()).toEqual([{ due: true }]);
  const { runs } = await okJson<{ runs: { workflowId: string }[] }>(served.get('/api/runs'));
  expect(runs).toMatchObject([{ workflowId: 'repair/bybit', status: 'running' }]);
});

it('says which servers answer', async () => {
  await database.query(`update symbols set is_active = true`);
  await database.query(
    `insert into followed (symbol, since, synced_at) values ('BTCUSDT', now(), now())`,
  );
  const temporal = await connectTemporal(configOf(servers).temporal);
  onTestFinished(() => temporal.close());
  const readHealth = () => okJson<Health>(served.get('/api/health'));
  // a sync that was stopped leaves its set in the table
  expect((await readHealth()).lag).toEqual([]);
  const set = {
    pairs: { kind: 'symbols', symbols: ['BTCUSDT'] },
    days: 1,
    withStream: false,
  } as const;
  await applySchedule(temporal, syncSchedule('5m', set));
  await expect.poll(async () => (await readHealth()).lag.length).toBe(1);
  const health = await readHealth();
  expect(health.servers.map(({ name, ok }) => [name, ok])).toEqual([
    ['PostgreSQL', true],
    ['Redis', true],
    ['Temporal', true],
  ]);
  expect(health).toMatchObject({
    workers: 0,
    budget: { used: 0, limit: 570 },
    openGaps: [{ kind: 'unconfirmed', gaps: 1, candles: 2 }],
    outsideCandles: 144,
  });
  const [shortest] = health.lag;
  expect(shortest).toMatchObject({ timeframe: '5m', series: 1 });
  expect((shortest?.behindMs ?? 0) / (Date.now() - at(720))).toBeCloseTo(1, 3);
});

it('gives every gap between the candles of a chart', async () => {
  const series = { symbol: 'HOLEUSDT', timeframe: '5m' } as const;
  const every = numbers(DAY, DAY + 2_010).filter((index) => index % 2 === 0);
  const store = new SqlCandleStore({ database, reaskMs: [300_000] });
  await store.storePage(pageOf(DAY, DAY + 2_010, every, { series }));
  const slice = await okJson<CandleSlice>(
    served.get('/api/candles?symbol=HOLEUSDT&timeframe=5m&limit=5000'),
  );
  expect([slice.candles.length, slice.gaps.length]).toEqual([1_005, 1_005]);
});

it('ends a live chart without a word on stderr while the database is away', async () => {
  const said = vi.spyOn(console, 'error');
  onTestFinished(() => said.mockRestore());
  const blind = await serve({ ...servers, database: { ...servers.database, port: 1 } });
  onTestFinished(() => blind.close());
  const live = await blind.get('/api/candles/live?symbol=BTCUSDT&timeframe=5m');
  expect([live.status, await live.text()]).toEqual([200, '']);
  expect(said).not.toHaveBeenCalled();
});

it('says until when the venue is not asked, also without Redis', async () => {
  const untilMs = Date.now() + 600_000;
  await new SqlBanStore(database).extend(untilMs);
  const blind = await serve({ ...servers, redis: { ...servers.redis, port: 1 } });
  onTestFinished(() => blind.close());
  const health = await okJson<Health>(blind.get('/api/health'));
  expect(health.budget).toEqual({ limit: 570, bannedUntilMs: untilMs });
  const overview = await okJson<Overview>(blind.get('/api/overview'));
  expect(overview.bannedUntilMs).toBe(untilMs);
});

it('says that Temporal is away when it falls silent, and that it is back', async () => {
  const { address } = servers.temporal;
  const link = await openSilentLink(address);
  const temporal = { ...servers.temporal, address: link.address };
  const behind = await serve({ ...servers, temporal });
  onTestFinished(() => behind.close());
  const temporalOf = async (): Promise<boolean | undefined> =>
    (await okJson<Health>(behind.get('/api/health'))).servers.at(-1)?.ok;
  expect(await temporalOf()).toBe(true);
  link.hush();
  const refused = behind.get('/api/runs');
  await expect.poll(temporalOf, { timeout: 10_000 }).toBe(false);
  expect([(await refused).status, await (await refused).text()]).toEqual([
    503,
    expect.stringContaining('Temporal does not answer'),
  ]);
  link.speak();
  await expect.poll(temporalOf, { timeout: 10_000 }).toBe(true);
}, 25_000);
