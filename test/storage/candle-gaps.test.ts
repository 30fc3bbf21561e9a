import { beforeEach, describe, expect, test } from 'vitest';
import type { StorePage } from '../../domain/stores.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { SqlRowScan } from '../../storage/gap-scan.js';
import { readGaps } from '../../storage/read-gaps.js';
import { clear, DATABASES, emptyForEach } from './databases.js';
import { at, numbers, ORIGIN, pageOf, SERIES, span } from './pages.js';
import { broken, readStored } from './stored.js';

const MINUTE_MS = 60_000;
const SHORT_MS = 5 * MINUTE_MS;
const LONG_MS = 1440 * MINUTE_MS;
const REASK_MS = [SHORT_MS, LONG_MS];
const NOW_MS = at(1000);

/** As the venue would answer a month later. */
function olderThanAWeek(page: StorePage): StorePage {
  const { answer } = page.page;
  if (answer === undefined) throw new Error('a page without an answer');
  return { ...page, page: { ...page.page, answer: { ...answer, timeMs: at(10_000) } } };
}

describe.each(DATABASES)('gaps of the candle store on $kind', ({ open }) => {
  const test_ = emptyForEach(open);
  let nowMs: number;
  let store: SqlCandleStore;

  beforeEach(() => {
    nowMs = NOW_MS;
    store = new SqlCandleStore({ database: test_.database, reaskMs: REASK_MS, now: () => nowMs });
  });

  const stored = () => readStored(test_.database);

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
    nowMs = secondMs + LONG_MS - 1;
    await store.storePage(page);
    expect(await gap()).toMatchObject({ asked: 2, kind: 'unconfirmed' });
    nowMs += 1;
    await store.storePage(page);
    expect(await gap()).toMatchObject({
      ...{ asked: 3, kind: 'no_trades', nextAskMs: null, open: true },
    });
    expect(broken(await stored())).toEqual([]);
    // a candle that comes all the same is believed
    nowMs += 1;
    expect(await store.storePage(pageOf(0, 10, numbers(0, 10)))).toEqual({ added: 1 });
    expect(await gap()).toMatchObject({ kind: 'no_trades', open: false });
    expect(broken(await stored())).toEqual([]);
  });

  test('an old gap is proved by two answers', async () => {
    const page = olderThanAWeek(pageOf(0, 3, [0, 2]));
    await store.storePage(page);
    nowMs += SHORT_MS;
    await store.storePage(page);
    expect((await stored()).gaps).toMatchObject([
      { kind: 'no_trades', asked: 2, nextAskMs: null, open: true },
    ]);
  });

  test.each([
    { what: 'empty', page: pageOf(3, 8, []) },
    { what: 'cut short at its end', page: pageOf(0, 8, [0, 1, 2]) },
    { what: 'cut short at its begin', page: pageOf(3, 11, [8, 9, 10]) },
  ])('an old gap is not proved any sooner by answers that are $what', async ({ page }) => {
    await store.storePage(pageOf(0, 3, [0, 1, 2]));
    await store.storePage(pageOf(8, 11, [8, 9, 10]));
    const gaps = async () => (await stored()).gaps;
    for (const waitMs of [SHORT_MS, LONG_MS]) {
      await store.storePage(olderThanAWeek(page));
      expect(await gaps()).toMatchObject([{ ...span(3, 8), kind: 'unconfirmed' }]);
      nowMs += waitMs;
    }
    await store.storePage(olderThanAWeek(page));
    expect(await gaps()).toMatchObject([{ ...span(3, 8), kind: 'no_trades', asked: 3 }]);
  });

  test('each answer that counts is kept as evidence', async () => {
    const repair = { source: 'repair', workflowId: 'repair/bybit', runId: 'run-2' } as const;
    await store.storePage(pageOf(0, 10, [0, 1, 2, 5, 6, 7, 8, 9]));
    nowMs += 1_000;
    await store.storePage(pageOf(0, 10, [0, 1, 2, 5, 6, 7, 8, 9]));
    nowMs = NOW_MS + SHORT_MS;
    await store.storePage(pageOf(2, 5, [2], { origin: repair }));
    const { gaps } = await readGaps(test_.database);
    expect(gaps).toMatchObject([{ period: span(3, 5), foundBy: ORIGIN.workflowId, asked: 2 }]);
    expect(gaps[0]?.answers).toEqual([
      {
        ...{ askedAtMs: NOW_MS, venueTimeMs: at(11), window: span(0, 10), rows: 8 },
        ...{ workflowId: ORIGIN.workflowId, runId: ORIGIN.runId },
      },
      {
        ...{ askedAtMs: nowMs, venueTimeMs: at(6), window: span(2, 5), rows: 1 },
        ...{ workflowId: repair.workflowId, runId: repair.runId },
      },
    ]);
  });

  test('a gap is proved only between stored candles', async () => {
    const asksThrice = async (page: StorePage) => {
      for (const waitMs of [SHORT_MS, LONG_MS, LONG_MS]) {
        await store.storePage(olderThanAWeek(page));
        nowMs += waitMs;
      }
    };
    await asksThrice(pageOf(2, 10, [4, 5, 8]));
    const kinds = async () =>
      (await stored()).gaps.map(({ fromMs, kind, asked }) => [fromMs, kind, asked]);
    expect(await kinds()).toEqual([
      [at(2), 'unconfirmed', 3],
      [at(6), 'no_trades', 2],
      [at(9), 'unconfirmed', 3],
    ]);
    // those at the ends go on being asked for by the last wait
    expect((await stored()).gaps.map(({ nextAskMs }) => nextAskMs)).toEqual([nowMs, null, nowMs]);
    // candles outside of the page count too, and so do those of the same page
    await store.storePage(pageOf(0, 2, [0, 1]));
    await asksThrice(pageOf(2, 5, [4]));
    await store.storePage(olderThanAWeek(pageOf(9, 12, [11])));
    expect(await kinds()).toEqual([
      [at(2), 'no_trades', 4],
      [at(6), 'no_trades', 2],
      [at(9), 'no_trades', 4],
      [at(10), 'unconfirmed', 1],
    ]);
    expect(broken(await stored())).toEqual([]);
  });

  test('an answer to a gap that was found without one is the first', async () => {
    await store.storePage(pageOf(0, 5, numbers(0, 5)));
    await test_.database.query(`delete from ohlcv where "timestamp" = $1`, [
      new Date(at(2)).toISOString(),
    ]);
    const scan = new SqlRowScan(test_.database, () => nowMs);
    await scan.scan(ORIGIN, {});
    nowMs += SHORT_MS;
    await store.storePage(pageOf(0, 5, [0, 1, 3, 4]));
    expect((await stored()).gaps).toMatchObject([
      { kind: 'unconfirmed', asked: 1, nextAskMs: nowMs + SHORT_MS },
    ]);
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
