import { beforeEach, describe, expect, test } from 'vitest';
import { candleStatus, isAccountedFor } from '../../cli/gaps/candle-verdict.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { readCandleFacts } from '../../storage/explain.js';
import { SqlLiveCandleStore } from '../../storage/live-candle-store.js';
import { SqlSymbolStore } from '../../storage/symbol-store.js';
import { DATABASES, emptyForEach } from './databases.js';
import { at, liveCandle, numbers, ORIGIN, pageOf, SERIES } from './pages.js';

const NOW_MS = at(40) + 60_000;

describe.each(DATABASES)('facts of a candle on $kind', ({ open }) => {
  const test_ = emptyForEach(open);
  let store: SqlCandleStore;

  beforeEach(() => {
    store = new SqlCandleStore({ database: test_.database, reaskMs: [300_000], now: () => NOW_MS });
  });

  const factsOf = (index: number) => readCandleFacts(test_.database, SERIES, at(index));
  const statusOf = async (index: number) =>
    candleStatus(await factsOf(index), { fromMs: at(index), toMs: at(index + 1) }, NOW_MS);

  test('where it came from, newest answer first', async () => {
    await store.storePage(pageOf(0, 10, numbers(0, 10)));
    const later = new SqlCandleStore({
      database: test_.database,
      reaskMs: [300_000],
      now: () => NOW_MS + 1_000,
    });
    const sync = { ...ORIGIN, workflowId: 'sync/bybit/5m', runId: 'b' };
    await later.storePage(pageOf(5, 15, numbers(5, 15), { origin: sync }));
    const { values, covered, fetches } = await factsOf(7);
    expect(values).toEqual({
      open: 107,
      high: 117.5,
      low: 97.25,
      close: 108,
      volume: 0.1 * 7,
      turnover: 7e5,
    });
    expect(covered).toBe(true);
    expect(fetches).toEqual([
      {
        ...sync,
        period: { fromMs: at(5), toMs: at(15) },
        askedAtMs: NOW_MS + 1_000,
        rows: 10,
        added: 5,
      },
      {
        ...ORIGIN,
        period: { fromMs: at(0), toMs: at(10) },
        askedAtMs: NOW_MS,
        rows: 10,
        added: 10,
      },
    ]);
    expect((await factsOf(0)).fetches).toHaveLength(1);
    expect((await factsOf(15)).fetches).toEqual([]);
    expect(await statusOf(7)).toBe('stored');
  });

  test('the stream as a source', async () => {
    const live = new SqlLiveCandleStore({
      database: test_.database,
      reaskMs: [300_000],
      now: () => NOW_MS,
    });
    const origin = { source: 'ws', workflowId: 'stream/bybit/spot/0', runId: 's' } as const;
    await live.storeClosed([liveCandle(3)], origin);
    await live.storeClosed([liveCandle(4)], origin);
    expect((await factsOf(4)).fetches).toEqual([
      expect.objectContaining({ ...origin, period: { fromMs: at(3), toMs: at(5) }, rows: 2 }),
    ]);
  });

  test('why it is not there', async () => {
    await store.storePage(pageOf(0, 10, [0, 1, 2, 4, 5, 6, 7, 8, 9]));
    await store.settleFailed(SERIES, [{ fromMs: at(12), toMs: at(14) }], ORIGIN, 'no answer');
    await new SqlSymbolStore(test_.database).recordProbe(SERIES.symbol, {
      probedFromMs: at(-900),
      firstDayMs: at(-288),
    });
    expect((await factsOf(3)).gap).toMatchObject({
      kind: 'unconfirmed',
      asked: 1,
      foundBy: ORIGIN.workflowId,
    });
    const statuses = await Promise.all([3, 12, 10, 40, 41, -300, -100].map(statusOf));
    expect(statuses).toEqual([
      ...[
        'unconfirmed',
        'failed',
        'never_asked',
        'open',
        'future',
        'before_listing',
        'never_asked',
      ],
    ]);
    expect(statuses.map((status) => isAccountedFor(status as 'stored'))).toEqual([
      ...[false, false, false, false, false, true, false],
    ]);
    await test_.database.query(`update gap set kind = 'no_trades' where kind = 'unconfirmed'`);
    expect(isAccountedFor(await statusOf(3))).toBe(true);
  });

  test('what contradicts itself', async () => {
    await store.storePage(pageOf(0, 12, numbers(0, 11), { openIndex: 10 }));
    expect(await statusOf(10)).toBe('open');
    await test_.database.query('delete from ohlcv where "timestamp" = $1', [
      new Date(at(2)).toISOString(),
    ]);
    expect(await statusOf(2)).toBe('lost');
    await test_.database.query(`update coverage set covered = '{}', open_candle = null`);
    expect(await statusOf(3)).toBe('unrecorded');
  });

  test('a gap that was closed stays to be read', async () => {
    await store.settleFailed(SERIES, [{ fromMs: at(0), toMs: at(3) }], ORIGIN, 'no answer');
    await store.storePage(pageOf(0, 3, numbers(0, 3)));
    const { gap, closedGaps } = await factsOf(1);
    expect(gap).toBeUndefined();
    expect(closedGaps).toEqual([expect.objectContaining({ kind: 'failed', closedAtMs: NOW_MS })]);
  });
});
