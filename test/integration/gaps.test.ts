import { Client, Connection } from '@temporalio/client';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { wakeRepair } from '../../activities/repair/wake-repair.js';
import type { GapKind } from '../../domain/gap.js';
import type { LiveCandle } from '../../domain/live-candle.js';
import type { Series } from '../../domain/series.js';
import { normalise, type TimeRange } from '../../domain/time-range.js';
import { TIMEFRAMES, timeframeMs } from '../../domain/timeframe.js';
import { REPAIR_WORKFLOW_ID } from '../../domain/workflow-names.js';
import { SqlLiveCandleStore } from '../../storage/live-candle-store.js';
import { PostgresDatabase } from '../../storage/postgres.js';
import { readGaps } from '../../storage/read-gaps.js';
import { until } from '../stack/until.js';
import { startCollector, type Collector } from './collector.js';
import { expectInvariant, expectTruth } from './compare-with-truth.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const NOW = Date.parse('2026-11-20T00:00:10Z');
const MIDNIGHT = Date.parse('2026-11-20T00:00:00Z');
const FOLDER =
  process.env['M1_RECORDED_DATA'] ??
  fileURLToPath(new URL('../../../shared/data', import.meta.url));
const FILE = path.join(FOLDER, 'candles-5m-btc-pairs-2018-01.csv.gz');
/** Just after the last recorded candle has closed: what follows is no hole. */
const RECORDED_NOW = Date.parse('2018-01-30T04:55:10Z');

let collector: Collector | undefined;
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await collector?.close();
  collector = undefined;
});

async function start(options: Parameters<typeof startCollector>[0]): Promise<Collector> {
  collector = await startCollector(options);
  await collector.startWorker();
  return collector;
}

async function backfill(running: Collector, ...args: string[]): Promise<void> {
  const { code, stderr } = await running.m1(['backfill', ...args]);
  expect(code, stderr).toBe(0);
}

function databaseOf({ env }: Collector): PostgresDatabase {
  const database = new PostgresDatabase({
    host: env['POSTGRES_HOST'] ?? '',
    port: Number(env['POSTGRES_PORT']),
    user: env['POSTGRES_USER'] ?? '',
    password: env['POSTGRES_PASSWORD'],
    database: env['POSTGRES_DB'] ?? '',
  });
  closing.push(() => database.close());
  return database;
}

async function clientOf({ env }: Collector): Promise<Client> {
  const connection = await Connection.connect({ address: env['TEMPORAL_ADDRESS'] ?? '' });
  closing.push(() => connection.close());
  return new Client({ connection, namespace: env['TEMPORAL_NAMESPACE'] ?? '' });
}

/** Resolves when the repair has ended by itself: no gap is left to ask for. */
async function untilSettled(running: Collector, client: Client): Promise<void> {
  await until(
    'nothing left to ask for',
    async () => {
      const { rows } = await running.sql.query(
        'select from gap where closed_at is null and next_ask is not null limit 1',
      );
      return rows.length === 0 ? true : undefined;
    },
    400_000,
  );
  await client.workflow.getHandle(REPAIR_WORKFLOW_ID).result();
}

/** Open gaps of these kinds; those that touch are joined. */
async function openGaps(
  database: PostgresDatabase,
  kinds: readonly GapKind[],
): Promise<(Series & TimeRange)[]> {
  const { gaps, more } = await readGaps(database, { openOnly: true, kinds, limit: 10_000 });
  expect(more).toBe(false);
  const names = [...new Set(gaps.map(({ symbol, timeframe }) => `${symbol} ${timeframe}`))];
  return names.flatMap((name) => {
    const ofSeries = gaps.filter(({ symbol, timeframe }) => `${symbol} ${timeframe}` === name);
    const { symbol, timeframe } = ofSeries[0] as Series;
    const joined = normalise(ofSeries.map(({ period }) => period));
    return joined.map((period) => ({ symbol, timeframe, ...period }));
  });
}

/** What the market lacks between the first and the last candle that it has. */
function holes(
  { simulator }: Collector,
  { symbol, timeframe }: Series,
  fromMs: number,
  toMs: number,
): (Series & TimeRange)[] {
  const times = simulator.truth
    .candles(symbol, timeframe, fromMs, toMs)
    .map(([openTimeMs]) => Number(openTimeMs));
  return times.slice(1).flatMap((timeMs, i) => {
    const endMs = (times[i] ?? 0) + timeframeMs(timeframe);
    return endMs < timeMs ? [{ symbol, timeframe, fromMs: endMs, toMs: timeMs }] : [];
  });
}

async function expectExact(running: Collector, days: number): Promise<number> {
  const { rows } = await running.sql.query<Series>('select symbol, timeframe from coverage');
  let candles = 0;
  for (const { symbol, timeframe } of rows) {
    const range = { symbol, timeframe, fromMs: NOW - days * DAY, toMs: NOW };
    candles += await expectTruth(running.simulator, running.sql, range);
  }
  await expectInvariant(running.sql);
  return candles;
}

/** One line: how long gaps were open that candles have come to. */
async function timeToRepair({ sql }: Collector): Promise<string> {
  const { rows } = await sql.query<Record<'gaps' | 'median' | 'p95' | 'max', string>>(
    `select count(*) as gaps, percentile_cont(0.5) within group (order by seconds) as median,
       percentile_cont(0.95) within group (order by seconds) as p95, max(seconds) as max
     from (select extract(epoch from closed_at - found_at)::float8 as seconds from gap
           where closed_at is not null) as t`,
  );
  const [row] = rows;
  const seconds = (value: string | undefined): string => `${Number(value).toFixed(1)} s`;
  return (
    `${String(row?.gaps)} gaps repaired, time to repair: median ${seconds(row?.median)}, ` +
    `p95 ${seconds(row?.p95)}, longest ${seconds(row?.max)}`
  );
}

describe('holes of the venue', () => {
  it.skipIf(!existsSync(FILE))(
    `of ${path.basename(FILE)} become no_trades, exactly those (skipped without it)`,
    async () => {
      const running = await start({
        simulator: { candles: FILE, now: RECORDED_NOW, speed: 0 },
        env: { GAP_REASK: '1s,2s' },
      });
      const symbols = ['ADABTC', 'ETHBTC', 'LTCBTC', 'TRXBTC', 'XLMBTC'];
      const named = symbols.flatMap((symbol) => ['--symbol', symbol]);
      await backfill(running, ...named, '--from', '2018-01-10');
      await untilSettled(running, await clientOf(running));
      const database = databaseOf(running);
      const expected = symbols.flatMap((symbol) =>
        TIMEFRAMES.flatMap((timeframe) =>
          holes(
            running,
            { symbol, timeframe },
            Date.parse('2018-01-10'),
            RECORDED_NOW - timeframeMs(timeframe),
          ),
        ),
      );
      expect(expected.filter(({ timeframe }) => timeframe === '5m').length).toBeGreaterThan(1);
      expect(await openGaps(database, ['no_trades'])).toEqual(expected);
      const others = ['unconfirmed', 'venue_outage', 'failed', 'disconnected', 'after_delisting'];
      expect(await openGaps(database, others as GapKind[])).toEqual([]);
      await expectInvariant(running.sql);
      const listed = JSON.parse((await running.m1(['gaps', 'list', '--json'])).stdout) as {
        gaps: { symbol: string; timeframe: string; from: string; to: string; kind: string }[];
      };
      expect(listed.gaps.map(({ kind }) => kind)).toEqual(expected.map(() => 'no_trades'));
      expect(
        listed.gaps.map(({ symbol, timeframe, from, to }) => ({
          ...{ symbol, timeframe },
          ...{ fromMs: Date.parse(from), toMs: Date.parse(to) },
        })),
      ).toEqual(expected);
      const verified = await running.m1(['verify']);
      expect([verified.code, verified.stdout]).toEqual([
        0,
        expect.stringMatching(/^clean: 25 series, /m),
      ]);

      const { gaps } = await readGaps(database, { kinds: ['no_trades'] });
      for (const { answers, asked, period } of gaps) {
        const recent = RECORDED_NOW - period.toMs <= 7 * DAY;
        expect(asked).toBe(recent ? 3 : 2);
        expect(answers).toHaveLength(asked);
        // each answer had candles beside the hole, and kept its distance
        expect(Math.min(...answers.map(({ rows }) => rows))).toBeGreaterThan(0);
        const [first, second, third] = answers.map(({ askedAtMs }) => askedAtMs);
        expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1_000);
        if (recent) expect((third ?? 0) - (second ?? 0)).toBeGreaterThanOrEqual(2_000);
      }
      const found = gaps.flatMap(({ answers }) => answers.map(({ workflowId }) => workflowId));
      expect(new Set(found.filter((id) => !id.startsWith('backfill/')))).toEqual(
        new Set([REPAIR_WORKFLOW_ID]),
      );
    },
  );

  it('that all pairs have at the same time are an outage', async () => {
    const running = await start({
      simulator: { now: NOW, speed: 0, pairs: 8, recentListings: 0 },
      env: { GAP_REASK: '1s,1s' },
    });
    const symbols = running.simulator.truth.symbols();
    const outage = { fromMs: MIDNIGHT - 14 * 3_600_000, toMs: MIDNIGHT - 12 * 3_600_000 };
    const own = { fromMs: MIDNIGHT - 300 * MINUTE, toMs: MIDNIGHT - 290 * MINUTE };
    for (const symbol of symbols) {
      const first = symbol === symbols[0];
      running.simulator.control.changeSymbol(symbol, { holes: first ? [outage, own] : [outage] });
    }
    const named = symbols.flatMap((symbol) => ['--symbol', symbol]);
    await backfill(running, ...named, '--days', '2');
    await untilSettled(running, await clientOf(running));
    const database = databaseOf(running);
    const lacking = TIMEFRAMES.filter((timeframe) => timeframeMs(timeframe) <= 3_600_000);
    expect(await openGaps(database, ['venue_outage'])).toEqual(
      [...symbols]
        .sort()
        .flatMap((symbol) => lacking.map((timeframe) => ({ symbol, timeframe, ...outage }))),
    );
    expect(await openGaps(database, ['no_trades'])).toEqual([
      { symbol: symbols[0], timeframe: '5m', ...own },
    ]);
    expect(await openGaps(database, ['unconfirmed'])).toEqual([]);
    await expectExact(running, 2);
  });
});

describe('the repair', () => {
  it('mends what pages lacked and what was deleted by hand, to the exact truth', async () => {
    const running = await start({
      simulator: { now: NOW, speed: 0, pairs: 6, recentListings: 0 },
      env: { GAP_REASK: '1s,2s' },
    });
    // used up by the backfill, so that the repair meets a venue that is well again
    for (const [interval, times] of [
      ...[['5', 20] as const, ['15', 8] as const, ['60', 3] as const],
    ]) {
      for (const rows of [1, 9]) {
        running.simulator.faults.add({
          match: { endpoint: 'kline', interval },
          effect: { kind: 'missingRows', rows },
          ...{ probability: 0.5, seed: rows, times },
        });
      }
    }
    await backfill(running, '--top', '6', '--days', '60');
    const found = await running.sql.query<{ candles: number }>(
      `select sum(extract(epoch from upper(period) - lower(period))
         / extract(epoch from m1_timeframe(timeframe)))::int as candles from gap`,
    );
    expect(found.rows[0]?.candles).toBeGreaterThan(200);
    const client = await clientOf(running);
    await untilSettled(running, client);
    const candles = await expectExact(running, 60);
    const afterFaults = await timeToRepair(running);

    const deleted = await running.sql.query('delete from ohlcv where random() < 0.002');
    expect(deleted.rowCount).toBeGreaterThan(50);
    // as if an hour had gone by; deletions are counted within seconds
    await running.sql.query(`update row_scan set scanned_at = scanned_at - interval '1 day'`);
    await wakeRepair(client);
    await untilSettled(running, client);
    expect(await expectExact(running, 60)).toBe(candles);
    const { rows } = await running.sql.query('select from gap where closed_at is null');
    expect(rows).toEqual([]);
    console.log(
      `of ${candles} candles ${String(found.rows[0]?.candles)} were withheld by the venue: ` +
        `${afterFaults}; then ${String(deleted.rowCount)} rows were deleted: ` +
        (await timeToRepair(running)),
    );
  });

  it('of 3,500 series after a network loss asks once for each, whoever wakes it', async () => {
    const running = await start({
      simulator: { now: NOW, speed: 0, pairs: 700, recentListings: 0 },
      env: { BYBIT_RATE_LIMIT: '600' },
    });
    const { simulator } = running;
    const live = new SqlLiveCandleStore({ database: databaseOf(running), reaskMs: [] });
    const origin = { source: 'ws', workflowId: 'stream/bybit/spot/0', runId: 'run' } as const;
    const series = simulator.truth
      .symbols()
      .flatMap((symbol) => TIMEFRAMES.map((timeframe): Series => ({ symbol, timeframe })));
    expect(series).toHaveLength(3_500);
    await live.storeClosed(
      series.map((one) => lastCandle(running, one)),
      origin,
    );
    expect(
      await live.handOver(
        series.map((one) => ({ ...one, untilMs: MIDNIGHT })),
        origin,
      ),
    ).toBe(3_500);

    const client = await clientOf(running);
    const began = performance.now();
    for (let i = 0; i < 100; i++) await wakeRepair(client);
    await untilSettled(running, client);
    const seconds = (performance.now() - began) / 1000;
    const requests = simulator.stats.klines().length;
    console.log(
      `3,500 gaps of 3,500 series mended in ${seconds.toFixed(1)} s by ${requests} requests; ` +
        (await timeToRepair(running)),
    );
    expect(requests).toBe(3_500);
    const executions = client.workflow.list({ query: `WorkflowId = "${REPAIR_WORKFLOW_ID}"` });
    const runs = [];
    for await (const run of executions) runs.push(run.runId);
    expect(runs).toHaveLength(1);
    const { rows } = await running.sql.query('select from gap where closed_at is null');
    expect(rows).toEqual([]);
    await expectInvariant(running.sql);
    const [first] = series;
    if (first !== undefined) {
      const fromMs = MIDNIGHT - 3 * DAY - timeframeMs(first.timeframe);
      await expectTruth(simulator, running.sql, { ...first, fromMs, toMs: NOW });
    }
  }, 600_000);

  it('seals what a delisted pair lacks, and goes on with the others', async () => {
    const running = await start({
      simulator: { now: NOW, speed: 0, pairs: 6, recentListings: 0 },
      env: { GAP_REASK: '1s,1s' },
    });
    const [gone = '', stays = ''] = running.simulator.truth.symbols();
    await backfill(running, '--symbol', gone, '--symbol', stays, '--days', '2');
    const live = new SqlLiveCandleStore({ database: databaseOf(running), reaskMs: [] });
    running.simulator.control.changeSymbol(gone, { delistedMs: NOW + 3_600_000 });
    running.simulator.control.setClock({ nowMs: NOW + DAY });
    const series = [gone, stays].flatMap((symbol) =>
      TIMEFRAMES.map((timeframe) => ({ symbol, timeframe, untilMs: MIDNIGHT + DAY })),
    );
    await live.handOver(series, { source: 'ws', workflowId: 'stream/bybit/spot/0', runId: 'run' });
    const client = await clientOf(running);
    await wakeRepair(client);
    await untilSettled(running, client);
    const sealed = await openGaps(databaseOf(running), ['after_delisting']);
    expect(sealed.map(({ symbol, timeframe }) => [symbol, timeframe])).toEqual(
      TIMEFRAMES.map((timeframe) => [gone, timeframe]),
    );
    expect(new Set(sealed.map(({ toMs }) => toMs))).toEqual(new Set([MIDNIGHT + DAY]));
    const rest: GapKind[] = ['disconnected', 'failed', 'unconfirmed', 'no_trades', 'venue_outage'];
    expect(await openGaps(databaseOf(running), rest)).toEqual([]);
    const { rows } = await running.sql.query<{ name: string }>(
      'select name from symbols where not is_active',
    );
    expect(rows).toEqual([{ name: gone }]);
    for (const timeframe of TIMEFRAMES) {
      const range = { symbol: stays, timeframe, fromMs: NOW - 2 * DAY, toMs: NOW + DAY };
      await expectTruth(running.simulator, running.sql, range);
    }
    await expectInvariant(running.sql);
  });
});

/** The last candle that the stream brought three days ago. */
function lastCandle({ simulator }: Collector, { symbol, timeframe }: Series): LiveCandle {
  const toMs = MIDNIGHT - 3 * DAY;
  const fromMs = toMs - timeframeMs(timeframe);
  const [row] = simulator.truth.candles(symbol, timeframe, fromMs, toMs);
  const [openTimeMs = 0, open = 0, high = 0, low = 0, close = 0, volume = 0, turnover = 0] = (
    row ?? []
  ).map(Number);
  return {
    ...{ symbol, timeframe, openTimeMs, open, high, low, close, volume, turnover },
    ...{ venueTimeMs: toMs, receivedAtMs: toMs },
  };
}
