import { beforeEach, describe, expect, test } from 'vitest';
import { SqlCandleStore } from '../../storage/candle-store.js';
import type { Database } from '../../storage/database.js';
import { SqlGapQueue } from '../../storage/gap-queue.js';
import { SqlLiveCandleStore } from '../../storage/live-candle-store.js';
import { DATABASES, emptyForEach } from './databases.js';
import { at, liveCandle, ORIGIN, pageOf, SERIES, span } from './pages.js';
import { broken, readStored } from './stored.js';

const NOW_MS = at(1000);
const SHORT_MS = 300_000;

describe.each(DATABASES)('gap queue on $kind', ({ open }) => {
  const test_ = emptyForEach(open);
  let nowMs: number;
  let store: SqlCandleStore;
  let queue: SqlGapQueue;

  beforeEach(() => {
    nowMs = NOW_MS;
    const now = () => nowMs;
    store = new SqlCandleStore({ database: test_.database, reaskMs: [SHORT_MS], now });
    queue = new SqlGapQueue({ database: test_.database, reaskMs: [SHORT_MS], now });
  });

  const periods = async (limit = 10) => (await queue.due(limit)).map(({ period }) => period);

  test('gives what is due, oldest due first, and says when the next one is', async () => {
    expect(await queue.due(10)).toEqual([]);
    expect(await queue.nextDueMs()).toBeUndefined();
    await store.storePage(pageOf(0, 10, [0, 1, 4, 5, 6, 8, 9]));
    expect(await queue.due(10)).toEqual([]);
    expect(await queue.nextDueMs()).toBe(NOW_MS + SHORT_MS);
    expect(await queue.waiting()).toBe(2);
    nowMs += 1_000;
    await store.settleFailed(SERIES, [span(20, 22)], ORIGIN, 'no answer');
    nowMs = NOW_MS + SHORT_MS;
    expect(await queue.nextDueMs()).toBe(nowMs);
    expect(await periods(1)).toEqual([span(2, 4)]);
    expect(await queue.due(10)).toMatchObject([
      { period: span(2, 4), kind: 'unconfirmed', lastAskedMs: NOW_MS },
      { period: span(7, 8) },
    ]);
    // what failed a moment ago is left in peace for the first wait
    nowMs += 1_000;
    expect(await periods()).toEqual([span(20, 22), span(2, 4), span(7, 8)]);
    expect((await queue.due(1))[0]).toEqual({
      ...SERIES,
      period: span(20, 22),
      kind: 'failed',
      asked: 0,
      foundAtMs: NOW_MS + 1_000,
      foundBy: ORIGIN.workflowId,
      lastAskedMs: undefined,
      nextAskMs: NOW_MS + 1_000,
    });
    expect(await queue.waiting()).toBe(3);
    // closed ones and those outside the listing are never due
    await store.storePage(pageOf(0, 10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    await store.settleBeforeListing([SERIES], span(-5, 22), ORIGIN);
    expect(await queue.due(10)).toEqual([]);
    expect(await queue.nextDueMs()).toBeUndefined();
    expect(await queue.waiting()).toBe(0);
  });

  test('says when what failed is due', async () => {
    await store.settleFailed(SERIES, [span(0, 2)], ORIGIN, 'no answer');
    expect(await periods()).toEqual([]);
    expect(await queue.nextDueMs()).toBe(NOW_MS + SHORT_MS);
    nowMs = NOW_MS + SHORT_MS;
    expect(await periods()).toEqual([span(0, 2)]);
    await queue.putOff(SERIES, span(0, 2), nowMs + 1);
    expect(await queue.nextDueMs()).toBe(nowMs + 1);
  });

  test('puts off what is due in a period, and nothing else', async () => {
    const other = { symbol: 'ETHUSDT', timeframe: '5m' } as const;
    nowMs -= SHORT_MS;
    for (const series of [SERIES, other]) {
      await store.settleFailed(series, [span(0, 2), span(4, 6), span(8, 9)], ORIGIN, 'no answer');
    }
    nowMs = NOW_MS;
    await store.storePage(pageOf(2, 4, [2], {}));
    const untilMs = NOW_MS + 600_000;
    await queue.putOff(SERIES, span(1, 5), untilMs);
    expect((await queue.due(10)).map(({ symbol, period }) => [symbol, period.fromMs])).toEqual([
      ['BTCUSDT', at(8)],
      ['ETHUSDT', at(0)],
      ['ETHUSDT', at(4)],
      ['ETHUSDT', at(8)],
    ]);
    // what is overdue comes first
    expect(await queue.nextDueMs()).toBe(NOW_MS);
    nowMs = untilMs;
    expect(await queue.due(10)).toHaveLength(7);
    await queue.putOff(SERIES, span(0, 9), NOW_MS - SHORT_MS);
    expect(await queue.due(10)).toHaveLength(7);
    expect((await readStored(test_.database)).gaps.map(({ nextAskMs }) => nextAskMs)).toEqual([
      ...[untilMs, NOW_MS + SHORT_MS, untilMs, NOW_MS - SHORT_MS],
    ]);
    expect(broken(await readStored(test_.database))).toEqual([]);
  });

  test('finds few among many by the index of what is due', async () => {
    const { database } = test_;
    const live = new SqlLiveCandleStore({ database, reaskMs: [], now: () => nowMs });
    const many = Array.from({ length: 3500 }, (_, i) => ({
      symbol: `S${i}USDT`,
      timeframe: '5m' as const,
    }));
    await live.storeClosed(
      many.map((series) => liveCandle(0, { series })),
      ORIGIN,
    );
    const asked = many.map((series) => ({ ...series, untilMs: at(5) }));
    expect(await live.handOver(asked.slice(50), ORIGIN)).toBe(3450);
    nowMs -= 60_000;
    expect(await live.handOver(asked, ORIGIN)).toBe(50);
    await database.query('analyze gap');

    const explained: string[] = [];
    const explaining: Database = {
      ...{ transaction: (work) => database.transaction(work) },
      ...{ session: (work) => database.session(work) },
      query: async (text, values) => {
        const plan = await database.query(`explain ${text}`, values);
        explained.push(JSON.stringify(plan.rows));
        return await database.query(text, values);
      },
    };
    const watched = new SqlGapQueue({ database: explaining, reaskMs: [], now: () => nowMs });
    expect(await watched.due(5000)).toHaveLength(50);
    expect(await watched.nextDueMs()).toBe(nowMs);
    expect(explained).toEqual([
      expect.stringContaining('ix_gap_next_ask'),
      expect.stringContaining('ix_gap_next_ask'),
    ]);
    nowMs = NOW_MS;
    expect(await queue.due(5000)).toHaveLength(3500);
  });
});
