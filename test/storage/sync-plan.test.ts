import { afterAll, beforeAll, expect, test } from 'vitest';
import { syncTodo } from '../../domain/sync.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import type { Database } from '../../storage/database.js';
import { SqlFollowedStore } from '../../storage/followed-store.js';
import { openPostgres, opened, type TestDatabase } from './databases.js';

const NOW_MS = Date.UTC(2026, 1, 15, 0, 5);
const PAIRS = Array.from({ length: 700 }, (_, i) => `S${i}USDT`);

/** A year of each series up to two hours ago; one in ten has holes that the venue never filled. */
const A_YEAR = `insert into coverage (symbol, timeframe, covered, candles)
  select 'S' || n || 'USDT', t.timeframe,
    tstzmultirange(tstzrange('2025-02-14', '2026-02-14 22:00Z')), 1
  from generate_series(0, 699) as n, unnest($1::varchar[]) as t (timeframe)`;
const HOLES = `insert into gap (symbol, timeframe, period, kind, found_at, found_by, asked)
  select symbol, timeframe,
    tstzrange('2026-01-01'::timestamptz + n * interval '1 day',
      '2026-01-01'::timestamptz + n * interval '1 day' + interval '1 hour'),
    'no_trades', now(), 'test', 3
  from coverage, generate_series(1, 5) as n where hashtext(symbol || timeframe) % 10 = 0`;

let test_: TestDatabase;
beforeAll(async () => {
  test_ = await opened(openPostgres);
  await test_.database.query(A_YEAR, [[...TIMEFRAMES]]);
  await test_.database.query(HOLES);
  await test_.database.query('analyze');
});
afterAll(() => test_.close());

test('a sync of 3,500 series with a year of coverage is planned by a few queries', async () => {
  let queries = 0;
  const counting = (database: Pick<Database, 'query'>): Pick<Database, 'query'> => ({
    query: (text, values, options) => {
      queries++;
      return database.query(text, values, options);
    },
  });
  const database: Database = {
    ...counting(test_.database),
    transaction: (work) => test_.database.transaction((inner) => work(counting(inner))),
    session: (work) => test_.database.session(work),
  };
  const candles = new SqlCandleStore({ database, reaskMs: [] });
  const followed = new SqlFollowedStore(database);
  const began = performance.now();
  await followed.follow(PAIRS);
  let windows = 0;
  for (const timeframe of TIMEFRAMES) {
    await followed.reopenRelisted(timeframe);
    const range = { fromMs: 0, toMs: NOW_MS };
    const states = await candles.seriesStates(PAIRS, [timeframe], range);
    for (const state of states) windows += syncTodo(state, NOW_MS)?.windows.length ?? 0;
  }
  const seconds = (performance.now() - began) / 1000;
  console.log(`planned 3,500 series in ${seconds.toFixed(2)} s by ${queries} queries`);
  // one page a series, whatever was missed
  expect(windows).toBe(3_500);
  expect(queries).toBeLessThanOrEqual(3 + 2 * TIMEFRAMES.length);
});
