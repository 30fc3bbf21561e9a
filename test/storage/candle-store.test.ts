import { beforeEach, describe, expect, test } from 'vitest';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { candleValues } from '../../storage/candle-columns.js';
import { DATABASES, emptyForEach } from './databases.js';
import { at, candlesAt, numbers, ORIGIN, pageOf, SERIES, span } from './pages.js';
import { broken, readStored } from './stored.js';

const MINUTE_MS = 60_000;
const SHORT_MS = 5 * MINUTE_MS;
const REASK_MS = [SHORT_MS];
const NOW_MS = at(1000);

describe.each(DATABASES)('candle store on $kind', ({ open }) => {
  const test_ = emptyForEach(open);
  let nowMs: number;
  let store: SqlCandleStore;

  beforeEach(() => {
    nowMs = NOW_MS;
    store = new SqlCandleStore({ database: test_.database, reaskMs: REASK_MS, now: () => nowMs });
  });

  const stored = () => readStored(test_.database);
  const closeOf = async (index: number): Promise<number | undefined> => {
    const { rows } = await test_.database.query<{ close: number }>(
      'select close from ohlcv where symbol = $1 and timeframe = $2 and "timestamp" = $3',
      [SERIES.symbol, SERIES.timeframe, new Date(at(index)).toISOString()],
    );
    return rows[0]?.close;
  };

  test('stores a page with every value as it came', async () => {
    expect(await store.storePage(pageOf(0, 50, numbers(0, 50)))).toEqual({ added: 50 });
    const { rows } = await test_.database.query(
      `select array_agg(open order by "timestamp") = $2::float8[] as open,
         array_agg(high order by "timestamp") = $3::float8[] as high,
         array_agg(low order by "timestamp") = $4::float8[] as low,
         array_agg(close order by "timestamp") = $5::float8[] as close,
         array_agg(volume order by "timestamp") = $6::float8[] as volume,
         array_agg(turnover order by "timestamp") is not distinct from $7::float8[] as turnover,
         array_agg("timestamp" order by "timestamp") = $1::timestamptz[] as time,
         count(*) filter (where turnover is null)::int as nulls
       from ohlcv`,
      candleValues(candlesAt(numbers(0, 50))),
    );
    expect(rows).toEqual([
      ...[
        {
          open: true,
          high: true,
          low: true,
          close: true,
          volume: true,
          turnover: true,
          time: true,
          nulls: 17,
        },
      ],
    ]);
    expect(await stored()).toMatchObject({ candles: 50, covered: [span(0, 50)], gaps: [] });
  });

  test('the same page again adds nothing, and touching pages join', async () => {
    await store.storePage(pageOf(0, 10, numbers(0, 10)));
    expect(await store.storePage(pageOf(0, 10, numbers(0, 10)))).toEqual({ added: 0 });
    await store.storePage(pageOf(10, 20, numbers(10, 20)));
    expect(await stored()).toMatchObject({ candles: 20, covered: [span(0, 20)], gaps: [] });
  });

  test('a changed candle is replaced, a page that overlaps adds what is new', async () => {
    await store.storePage(pageOf(0, 10, numbers(0, 10)));
    const added = await store.storePage(pageOf(5, 15, numbers(5, 15), { version: 1 }));
    expect(added).toEqual({ added: 5 });
    expect(await closeOf(4)).toBe(105);
    expect(await closeOf(5)).toBe(106.125);
    expect(await stored()).toMatchObject({ candles: 15, covered: [span(0, 15)] });
  });

  test('an open candle is stored, not covered, and closes later', async () => {
    const first = pageOf(0, 6, [0, 1, 2, 3, 4], { openIndex: 4 });
    expect(await store.storePage(first)).toEqual({ added: 4 });
    expect(await stored()).toMatchObject({ candles: 4, covered: [span(0, 4)] });
    expect((await stored()).rowsMs).toHaveLength(5);
    const view = await test_.database.query('select from ohlcv_closed');
    expect(view.rows).toHaveLength(4);

    // the same candle, later and still open, in a page of its own
    expect(await store.storePage(pageOf(4, 6, [4], { openIndex: 4, version: 1 }))).toEqual({
      added: 0,
    });
    expect(await closeOf(4)).toBe(105.125);
    expect(await store.storePage(pageOf(4, 6, [4, 5], { openIndex: 5, version: 2 }))).toEqual({
      added: 1,
    });
    expect(await closeOf(4)).toBe(105.25);
    expect(await stored()).toMatchObject({ candles: 5, covered: [span(0, 5)] });
    // an answer that was under way for long knows it as open
    await store.storePage(pageOf(3, 6, [3, 4], { openIndex: 4, version: 3 }));
    expect(await closeOf(4)).toBe(105.25);
    expect(await closeOf(3)).toBe(104.375);
    expect(broken(await stored())).toEqual([]);
  });

  test.each([
    ['a page', () => store.storePage(pageOf(3, 6, [3, 5]))],
    ['a page over a longer time', () => store.storePage(pageOf(2, 8, [2, 3, 5, 6, 7]))],
    ['a failure', () => store.settleFailed(SERIES, [span(4, 5)], ORIGIN, 'no answer')],
    ['the listing', () => store.settleBeforeListing([SERIES], span(-10, 5), ORIGIN)],
  ])('a row of an open candle that turns out to be missing goes (%s)', async (_, settle) => {
    await store.storePage(pageOf(4, 5, [4], { openIndex: 4 }));
    expect((await stored()).rowsMs).toEqual([at(4)]);
    await settle();
    expect((await stored()).rowsMs).not.toContain(at(4));
    expect(broken(await stored())).toEqual([]);
  });

  test('states of many series within a range', async () => {
    await store.storePage(pageOf(0, 10, [0, 1, 2, 5, 6, 7, 8, 9]));
    await store.settleFailed(SERIES, [span(12, 14)], ORIGIN, 'timed out');
    await store.storePage(pageOf(20, 30, []));
    const states = await store.seriesStates(['ETHUSDT', 'BTCUSDT'], ['5m', '1d'], span(1, 25));
    const none = { covered: [], due: [], failed: [] };
    expect(states).toEqual([
      { symbol: 'ETHUSDT', timeframe: '5m', ...none },
      { symbol: 'ETHUSDT', timeframe: '1d', ...none },
      {
        ...SERIES,
        covered: [span(1, 10), span(12, 14), span(20, 25)],
        due: [span(12, 14), span(20, 25)],
        failed: [span(12, 14)],
      },
      { symbol: 'BTCUSDT', timeframe: '1d', ...none },
    ]);
    nowMs += SHORT_MS;
    const later = await store.seriesStates(['BTCUSDT'], ['5m'], span(1, 25));
    expect(later[0]?.due[0]).toEqual(span(3, 5));
    expect(await store.seriesStates(['BTCUSDT'], ['5m'], span(5, 5))).toEqual([
      { ...SERIES, ...none },
    ]);
  });

  test('counts of a run', async () => {
    await store.storePage(pageOf(0, 10, numbers(0, 10)));
    await store.storePage(pageOf(5, 15, numbers(5, 15)));
    await store.storePage(pageOf(20, 30, [], { origin: { ...ORIGIN, runId: 'another' } }));
    expect(await store.runCounts(ORIGIN.workflowId, ORIGIN.runId)).toEqual({
      requests: 2,
      candles: 15,
    });
    expect(await store.runCounts(ORIGIN.workflowId, 'unknown')).toEqual({
      requests: 0,
      candles: 0,
    });
    const { rows } = await test_.database.query(
      'select rows, added, source from "fetch" order by asked_at, rows, added',
    );
    expect(rows).toEqual([
      { rows: 0, added: 0, source: 'rest' },
      { rows: 10, added: 5, source: 'rest' },
      { rows: 10, added: 10, source: 'rest' },
    ]);
  });

  test('rows that nobody covers, as after a row was written by hand, are merged', async () => {
    await test_.database.query(
      `insert into ohlcv values ('BTCUSDT', '5m', $1, 1, 1, 1, 1, 1, null)`,
      [new Date(at(3)).toISOString()],
    );
    expect(await store.storePage(pageOf(0, 5, numbers(0, 5)))).toEqual({ added: 5 });
    expect(await closeOf(3)).toBe(104);
    expect(broken(await stored())).toEqual([]);
  });
});
