import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { clear, DATABASES, opened, type TestDatabase } from './databases.js';
import { at, numbers, ORIGIN, pageOf, SERIES } from './pages.js';
import { broken, readStored } from './stored.js';

const MINUTE_MS = 60_000;
const SHORT_MS = 5 * MINUTE_MS;
const LONG_MS = 1440 * MINUTE_MS;
const REASK_MS = [SHORT_MS, LONG_MS];
const NOW_MS = at(1000);

describe.each(DATABASES)('gaps of the candle store on $kind', ({ open }) => {
  let test_: TestDatabase;
  let nowMs: number;
  let store: SqlCandleStore;

  beforeAll(async () => {
    test_ = await opened(open);
  });
  afterAll(() => test_.close());
  beforeEach(async () => {
    await clear(test_.database);
    nowMs = NOW_MS;
    store = new SqlCandleStore({ database: test_.database, reaskMs: REASK_MS, now: () => nowMs });
  });

  const stored = () => readStored(test_.database);
  const span = (from: number, to: number) => ({ fromMs: at(from), toMs: at(to) });

  test('holes become unconfirmed gaps, asked again by GAP_REASK', async () => {
    await store.storePage(pageOf(0, 10, [0, 1, 4, 5, 6, 8, 9]));
    const nextAskMs = NOW_MS + SHORT_MS;
    expect(await stored()).toMatchObject({
      candles: 7,
      covered: [span(0, 10)],
      gaps: [
        { ...span(2, 4), kind: 'unconfirmed', asked: 1, nextAskMs, open: true },
        { ...span(7, 8), kind: 'unconfirmed', asked: 1, nextAskMs, open: true },
      ],
    });
  });

  test('a gap is proved by answers that keep their distance', async () => {
    const page = pageOf(0, 10, [0, 1, 2, 3, 5, 6, 7, 8, 9]);
    const gap = async () => (await stored()).gaps[0];
    await store.storePage(page);
    nowMs += SHORT_MS - 1;
    await store.storePage(page);
    expect(await gap()).toMatchObject({ asked: 1, nextAskMs: NOW_MS + SHORT_MS });
    nowMs += 1;
    await store.storePage(page);
    const secondMs = nowMs;
    expect(await gap()).toMatchObject({ asked: 2, nextAskMs: secondMs + LONG_MS });
    nowMs = secondMs + LONG_MS;
    await store.storePage(page);
    expect(await gap()).toMatchObject({ asked: 3, nextAskMs: null, open: true });
    expect(broken(await stored())).toEqual([]);
  });

  test('an old gap is proved by two answers', async () => {
    nowMs = at(10_000);
    await store.storePage(pageOf(0, 3, [0, 2]));
    nowMs += SHORT_MS;
    await store.storePage(pageOf(0, 3, [0, 2]));
    expect((await stored()).gaps).toMatchObject([{ asked: 2, nextAskMs: null, open: true }]);
  });

  test('an empty window is due at once, then by GAP_REASK', async () => {
    await store.storePage(pageOf(10, 20, []));
    expect((await stored()).gaps).toMatchObject([{ ...span(10, 20), asked: 1, nextAskMs: NOW_MS }]);
    nowMs += 2_000;
    await store.storePage(pageOf(10, 20, []));
    expect((await stored()).gaps).toMatchObject([{ asked: 1, nextAskMs: NOW_MS + SHORT_MS }]);
    nowMs = NOW_MS + SHORT_MS;
    await store.storePage(pageOf(10, 20, []));
    expect((await stored()).gaps).toMatchObject([{ asked: 2 }]);
    expect(broken(await stored())).toEqual([]);
  });

  test('candles that arrive close their part of a gap and leave the rest open', async () => {
    await store.storePage(pageOf(0, 10, [0, 9]));
    nowMs += SHORT_MS;
    expect(await store.storePage(pageOf(2, 6, [3, 4]))).toEqual({ added: 2 });
    const after = await stored();
    expect(
      after.gaps.map(({ fromMs, toMs, open: isOpen, asked }) => [fromMs, toMs, isOpen, asked]),
    ).toEqual([
      [at(1), at(2), true, 1],
      [at(2), at(3), true, 2],
      [at(3), at(5), false, 1],
      [at(5), at(6), true, 2],
      [at(6), at(9), true, 1],
    ]);
    expect(after.candles).toBe(4);
    expect(broken(after)).toEqual([]);
    expect(await store.storePage(pageOf(1, 9, numbers(1, 9)))).toEqual({ added: 6 });
    expect((await stored()).gaps.filter((gap) => gap.open)).toEqual([]);
    expect(broken(await stored())).toEqual([]);
  });

  test('an older answer without a stored candle does not remove it', async () => {
    await store.storePage(pageOf(0, 10, numbers(0, 10)));
    expect(await store.storePage(pageOf(0, 10, [0, 1]))).toEqual({ added: 0 });
    expect(await stored()).toMatchObject({ candles: 10, covered: [span(0, 10)], gaps: [] });
  });

  test('skipped rows are neither covered nor a gap', async () => {
    await store.storePage(pageOf(0, 10, [0, 1, 2, 4, 5, 6, 7, 8, 9], { skipped: [3] }));
    expect(await stored()).toMatchObject({
      covered: [span(0, 3), span(4, 10)],
      gaps: [],
      candles: 9,
    });
  });

  test('the time before the first candle of the first day is before the listing', async () => {
    await store.storePage(pageOf(0, 10, [4, 5, 6, 8, 9], { startsOnFirstDay: true }));
    expect(await stored()).toMatchObject({
      firstCandleMs: at(4),
      covered: [span(0, 10)],
      gaps: [
        { ...span(0, 4), kind: 'before_listing', nextAskMs: null },
        { ...span(7, 8), kind: 'unconfirmed' },
      ],
    });
    // an empty answer proves no listing date
    await clear(test_.database);
    await store.storePage(pageOf(0, 10, [], { startsOnFirstDay: true }));
    expect(await stored()).toMatchObject({ firstCandleMs: null, gaps: [{ kind: 'unconfirmed' }] });
  });

  test('failed: only what is not settled, due at once, with the newest reason', async () => {
    await store.storePage(pageOf(2, 5, [2, 4]));
    await store.settleFailed(SERIES, [span(0, 6), span(8, 9)], ORIGIN, 'timed out');
    expect(await stored()).toMatchObject({
      covered: [span(0, 6), span(8, 9)],
      gaps: [
        { ...span(0, 2), kind: 'failed', asked: 0, nextAskMs: NOW_MS },
        { ...span(3, 4), kind: 'unconfirmed', asked: 1 },
        { ...span(5, 6), kind: 'failed' },
        { ...span(8, 9), kind: 'failed' },
      ],
    });
    await store.settleFailed(SERIES, [span(0, 6)], ORIGIN, 'HTTP 502');
    const reasons = await test_.database.query(
      'select reason from gap where closed_at is null order by period',
    );
    expect(reasons.rows.map((row) => (row as { reason: string }).reason)).toEqual([
      ...['HTTP 502', null, 'HTTP 502', 'timed out'],
    ]);
    // a well-formed answer without them makes them unconfirmed
    await store.storePage(pageOf(0, 6, [0, 2, 4, 5]));
    expect((await stored()).gaps).toMatchObject([
      { ...span(0, 1), open: false },
      {
        ...span(1, 2),
        kind: 'unconfirmed',
        asked: 1,
        nextAskMs: NOW_MS + SHORT_MS,
        open: true,
      },
      { ...span(3, 4), kind: 'unconfirmed' },
      { ...span(5, 6), kind: 'failed', open: false },
      { ...span(8, 9), kind: 'failed', open: true },
    ]);
    expect(broken(await stored())).toEqual([]);
  });

  test('before the listing overrules a failure, and leaves the rest of it failed', async () => {
    await store.settleFailed(SERIES, [span(0, 20)], ORIGIN, 'no answer');
    await store.settleBeforeListing([SERIES], span(-5, 8), ORIGIN);
    expect((await stored()).gaps).toMatchObject([
      { ...span(-5, 0), kind: 'before_listing', nextAskMs: null, open: true },
      { ...span(0, 8), kind: 'before_listing', nextAskMs: null, open: true },
      { ...span(8, 20), kind: 'failed', nextAskMs: NOW_MS, open: true },
    ]);
    expect(broken(await stored())).toEqual([]);
  });

  test('before the listing: many series, what is stored stays', async () => {
    await store.storePage(pageOf(4, 8, [4, 5, 6, 7]));
    const hourly = { symbol: 'BTCUSDT', timeframe: '1h' } as const;
    await store.settleBeforeListing([SERIES, hourly], span(0, 6), ORIGIN);
    await store.settleBeforeListing([SERIES, hourly], span(0, 6), ORIGIN);
    expect(await stored()).toMatchObject({
      covered: [span(0, 8)],
      candles: 4,
      gaps: [{ ...span(0, 4), kind: 'before_listing', nextAskMs: null }],
    });
    expect(await readStored(test_.database, hourly)).toMatchObject({ covered: [span(0, 6)] });
  });
});
