import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RetryNow } from '../../../domain/failure.js';
import { dayWindows, witnessesOf, type RetentionRule } from '../../../domain/retention.js';
import { TIMEFRAMES, timeframeMs, type Timeframe } from '../../../domain/timeframe.js';
import { SqlCandleStore } from '../../../storage/candle-store.js';
import type { Database } from '../../../storage/database.js';
import { migrateUp } from '../../../storage/migrate.js';
import { PostgresDatabase } from '../../../storage/postgres.js';
import { SqlRetentionStore } from '../../../storage/retention/retention-store.js';
import { expectInvariant } from '../../integration/compare-with-truth.js';
import { freshDatabase, type FreshDatabase } from '../../servers/fresh-database.js';
import { until } from '../../stack/until.js';
import { randomFrom } from '../../../domain/stretches.js';
import { DAY, FIRST_DAY, marketPage, pagesOfDays } from './rolled.js';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
const DAYS = 9;
const LAST_HORIZON = FIRST_DAY + 7 * DAY;
const ALL = { fromMs: FIRST_DAY, toMs: FIRST_DAY + DAYS * DAY };

let fresh: FreshDatabase;
let database: PostgresDatabase;
let sql: pg.Pool;

beforeEach(async () => {
  fresh = await freshDatabase();
  database = new PostgresDatabase({ ...fresh, maxConnections: 8 });
  sql = new pg.Pool({ connectionString: fresh.url, max: 1 });
  // its end says goodbye and does not wait, so the removal of the database may find it still there
  sql.on('error', () => undefined);
  await migrateUp(database);
});
afterEach(async () => {
  await sql.end();
  await database.close();
  await fresh.drop();
});

/** Repeats what the database undid in favour of others, as the activity does. */
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RetryNow)) throw error;
    }
  }
}

async function removeOld(retention: SqlRetentionStore, rule: RetentionRule): Promise<void> {
  await retention.setRules([rule]);
  const witnesses = witnessesOf(rule, [rule]);
  for (const { covered, ...series } of await retention.oldSeries(rule, '', 100)) {
    for (const window of dayWindows(covered, rule)) {
      const old = { series, window, horizonMs: rule.horizonMs, witnesses };
      await untilDone(() => retention.remove(old));
    }
  }
}

/** Waits for all of them also when one fails, so that none goes on into the next test. */
async function allEnded(work: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(work);
  await Promise.all(work);
}

test('retention beside writers of the same days: no commit breaks the invariant, nothing comes back', async ({
  signal,
}) => {
  const retention = new SqlRetentionStore(database);
  const looking = sql;
  const candles = new SqlCandleStore({ database, reaskMs: [300_000] });
  for (const symbol of SYMBOLS) {
    for (const timeframe of TIMEFRAMES) {
      for (const window of pagesOfDays(ALL)) {
        await candles.storePage(marketPage(symbol, timeframe, window));
      }
    }
  }
  const random = randomFrom(30);
  let over = false;
  // also by the time limit of the test
  signal.addEventListener('abort', () => (over = true));
  let refused = 0;
  let stored = 0;
  const write = async (symbol: string): Promise<void> => {
    while (!over) {
      const fromMs = ALL.fromMs + Math.floor(random() * (DAYS - 2) * 288) * timeframeMs('5m');
      const window = { fromMs, toMs: fromMs + Math.ceil((random() * 2 * DAY) / 300_000) * 300_000 };
      const without = new Set(random() < 0.3 ? [fromMs, fromMs + 300_000] : []);
      try {
        await candles.storePage(marketPage(symbol, '5m', window, without));
        stored++;
      } catch (error) {
        if (!(error instanceof RetryNow)) throw error;
        refused++;
      }
    }
  };
  const check = async (): Promise<void> => {
    while (!over) await expectInvariant(looking);
  };
  const remove = async (): Promise<void> => {
    await until('a page is stored', () => over || stored > 0 || undefined);
    for (let horizonMs = FIRST_DAY + DAY; horizonMs <= LAST_HORIZON && !over; horizonMs += DAY) {
      await removeOld(retention, { timeframe: '5m', horizonMs, keepMs: DAY });
    }
    // every page begins before the last horizon, so one is refused now if none was before
    await until('a page is refused', () => over || refused > 0 || undefined);
    over = true;
  };
  const endAll = (error: unknown): never => {
    over = true;
    throw error;
  };
  const beside = [...SYMBOLS, ...SYMBOLS].map(write).concat(check(), remove());
  await allEnded(beside.map((work) => work.catch(endAll)));
  await removeOld(retention, { timeframe: '5m', horizonMs: LAST_HORIZON, keepMs: DAY });
  await expectInvariant(sql);
  const { rows } = await sql.query<{ timeframe: string; first: Date; n: number }>(
    `select timeframe, min("timestamp") as first, count(*)::int as n from ohlcv
     group by timeframe order by m1_timeframe(timeframe)`,
  );
  const kept = (fromMs: number, timeframe: Timeframe) => ({
    ...{ timeframe, first: new Date(fromMs) },
    n: (SYMBOLS.length * (ALL.toMs - fromMs)) / timeframeMs(timeframe),
  });
  const longer = (['15m', '1h', '4h', '1d'] as const).map((one) => kept(FIRST_DAY, one));
  expect(rows).toEqual([kept(LAST_HORIZON, '5m'), ...longer]);
});

test('what a page in flight commits after its days were judged is seen, and judged again', async () => {
  const candles = new SqlCandleStore({ database, reaskMs: [300_000] });
  const retention = new SqlRetentionStore(database);
  const series = { symbol: 'BTCUSDT', timeframe: '5m' } as const;
  const window = { fromMs: FIRST_DAY, toMs: FIRST_DAY + 2 * DAY };
  const missing = new Set([FIRST_DAY + DAY / 2]);
  await candles.storePage(marketPage(series.symbol, '5m', window, missing));
  await candles.storePage(marketPage(series.symbol, '1d', window));

  let commit = (): void => undefined;
  const mayCommit = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let told = (): void => undefined;
  const stored = new Promise<void>((resolve) => {
    told = resolve;
  });
  const writing = database.transaction(async (transaction) => {
    const within: Database = {
      query: (text, values, options) => transaction.query(text, values, options),
      transaction: (work) => work(transaction),
      session: () => Promise.reject(new Error('not used')),
    };
    const store = new SqlCandleStore({ database: within, reaskMs: [300_000] });
    await store.storePage(marketPage(series.symbol, '5m', window));
    told();
    await mayCommit;
  });
  const rule = { timeframe: '5m', horizonMs: window.toMs, keepMs: DAY } as const;
  const witnesses = [{ timeframe: '1d', fromMs: -Infinity }] as const;
  const old = { series, window, horizonMs: rule.horizonMs, witnesses };
  let first: Promise<unknown> | undefined;
  try {
    await Promise.race([stored, writing]);
    await retention.setRules([rule]);
    first = retention.remove(old).catch((error: unknown) => error);
    await until('retention waits for the page', async () => {
      const { rows } = await sql.query(
        `select from pg_stat_activity where datname = current_database()
           and application_name = 'm1' and wait_event_type = 'Lock'`,
      );
      return rows.length > 0 ? true : undefined;
    });
  } finally {
    commit();
    await writing;
  }
  expect(await first).toBeInstanceOf(RetryNow);
  expect((await retention.remove(old)).map((day) => day.candles)).toEqual([288, 288]);
  const { rows } = await sql.query(`select from ohlcv where timeframe = '5m'`);
  expect(rows).toEqual([]);
  await expectInvariant(sql);
});
