import { afterEach, describe, expect, test } from 'vitest';
import { SqlCandleStore } from '../../storage/candle-store.js';
import type { Database } from '../../storage/database.js';
import { migrateDown, migrateUp, migrationStatus } from '../../storage/migrate.js';
import { PostgresDatabase } from '../../storage/postgres.js';
import { freshDatabase } from '../servers/fresh-database.js';
import { DATABASES, type TestDatabase } from './databases.js';
import { numbers, pageOf } from './pages.js';

const NAMES = [
  '1_initial-schema',
  '2_hypertable',
  '3_coverage',
  '4_stream-spans',
  '5_gap-evidence',
  '6_retention',
  '7_followed-pairs',
  '8_complete-by-rows',
];
const TABLES = [
  'ohlcv',
  'paper_trades',
  'sentiment_data',
  'signals',
  'symbols',
  'whale_transactions',
];

let test_: TestDatabase | undefined;

afterEach(async () => {
  await test_?.close();
  test_ = undefined;
});

async function tables(database: Database): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = current_schema() and table_type = 'BASE TABLE'
       and table_name <> 'pgmigrations' order by 1`,
  );
  return rows.map(({ name }) => name);
}

async function indexes(database: Database): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    `select indexname as name from pg_indexes
     where schemaname = current_schema() and tablename = 'ohlcv' order by 1`,
  );
  return rows.map(({ name }) => name);
}

describe.each(DATABASES)('migrations on $kind', ({ open, hypertable }) => {
  test('apply, go back one by one and apply again, keeping the candles', async () => {
    test_ = await open();
    const { database } = test_;
    expect(await migrationStatus(database)).toMatchObject({
      applied: [],
      pending: NAMES,
      table: 'none',
    });

    const table = hypertable ? 'hypertable' : 'plain';
    expect(await migrateUp(database)).toEqual({
      applied: NAMES,
      hypertable: { table, reason: undefined },
    });
    expect(await migrationStatus(database)).toMatchObject({ applied: NAMES, pending: [], table });
    const store = new SqlCandleStore({ database, reaskMs: [300_000] });
    await store.storePage(pageOf(0, 3000, numbers(0, 3000)));

    expect(await migrateDown(database, 1)).toEqual(['8_complete-by-rows']);
    expect(await migrateDown(database, 1)).toEqual(['7_followed-pairs']);
    expect(await migrateDown(database, 1)).toEqual(['6_retention']);
    expect(await migrateDown(database, 1)).toEqual(['5_gap-evidence']);
    expect(await migrateDown(database, 1)).toEqual(['4_stream-spans']);
    expect(await migrateDown(database, 1)).toEqual(['3_coverage']);
    expect(await tables(database)).toEqual(TABLES);
    expect(await migrateDown(database, 1)).toEqual(['2_hypertable']);
    expect(await migrationStatus(database)).toMatchObject({ table: 'plain' });
    expect(await indexes(database)).toEqual([
      'ix_ohlcv_symbol',
      'ix_ohlcv_timestamp',
      'ohlcv_pkey',
    ]);
    const count = await database.query('select count(*)::int as n from ohlcv');
    expect(count.rows).toEqual([{ n: 3000 }]);

    expect((await migrateUp(database)).applied).toEqual(NAMES.slice(1));
    expect(await migrationStatus(database)).toMatchObject({ table, pending: [] });
    expect((await database.query('select count(*)::int as n from ohlcv')).rows).toEqual([
      { n: 3000 },
    ]);

    expect(await migrateDown(database, 99)).toEqual(NAMES.toReversed());
    expect(await tables(database)).toEqual([]);
    expect((await migrateUp(database)).applied).toEqual(NAMES);
  });

  test('a repeated upgrade changes nothing', async () => {
    test_ = await open();
    await migrateUp(test_.database);
    expect((await migrateUp(test_.database)).applied).toEqual([]);
    expect(await indexes(test_.database)).toEqual([
      'ix_ohlcv_symbol',
      'ix_ohlcv_timestamp',
      'ohlcv_pkey',
    ]);
  });
});

test('two upgrades at the same time wait for each other', async () => {
  const fresh = await freshDatabase();
  const pools = [new PostgresDatabase(fresh), new PostgresDatabase(fresh)];
  test_ = {
    database: new PostgresDatabase(fresh),
    close: async () => {
      for (const pool of pools) await pool.close();
      await fresh.drop();
    },
  };
  const applied = await Promise.all(pools.map((pool) => migrateUp(pool)));
  expect(applied.flatMap((upgrade) => upgrade.applied)).toEqual(NAMES);
});
