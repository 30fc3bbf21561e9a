import { beforeEach, describe, expect, test } from 'vitest';
import type { Series } from '../../domain/series.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { SqlFollowedStore } from '../../storage/followed-store.js';
import { SqlFreshnessStore } from '../../storage/freshness-store.js';
import { SqlGapQueue } from '../../storage/gap-queue.js';
import { SqlLiveCandleStore } from '../../storage/live-candle-store.js';
import { readSetStatus } from '../../storage/set-status.js';
import { readStatus } from '../../storage/status.js';
import { SqlSymbolStore } from '../../storage/symbol-store.js';
import { DATABASES, emptyForEach } from './databases.js';
import { at, liveCandle, numbers, ORIGIN, pageOf, SERIES } from './pages.js';
import { broken, readStored } from './stored.js';

const NOW_MS = at(1000);
const OTHER: Series = { symbol: 'ETHUSDT', timeframe: '5m' };

describe.each(DATABASES)('followed pairs on $kind', ({ open }) => {
  const test_ = emptyForEach(open);
  let nowMs: number;
  let candles: SqlCandleStore;
  let symbols: SqlSymbolStore;
  let followed: SqlFollowedStore;
  let freshness: SqlFreshnessStore;

  beforeEach(async () => {
    await test_.database.query('truncate followed');
    nowMs = NOW_MS;
    const now = () => nowMs;
    candles = new SqlCandleStore({ database: test_.database, reaskMs: [300_000], now });
    symbols = new SqlSymbolStore(test_.database, now);
    followed = new SqlFollowedStore(test_.database, now);
    freshness = new SqlFreshnessStore(test_.database);
  });

  async function listed(...names: string[]): Promise<void> {
    const details = { base: 'X', quote: 'USDT', pricePrecision: 0.1, amountPrecision: 0.1 };
    await symbols.refresh(names.map((symbol) => ({ symbol, ...details })));
  }

  const openGaps = async () =>
    (await readStored(test_.database)).gaps
      .filter((gap) => gap.open)
      .map(({ kind, fromMs, toMs }) => [kind, fromMs, toMs]);

  test('a pair that stays keeps its begin, one that is pushed out goes, a delisted one stays', async () => {
    await listed('BTCUSDT', 'ETHUSDT', 'SOLUSDT');
    await followed.follow(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']);
    nowMs += 60_000;
    await listed('BTCUSDT', 'SOLUSDT', 'XRPUSDT');
    await followed.follow(['BTCUSDT', 'XRPUSDT']);
    const { rows } = await test_.database.query<{ symbol: string; since: Date }>(
      'select symbol, since from followed order by symbol',
    );
    expect(rows.map(({ symbol, since }) => [symbol, new Date(since).getTime()])).toEqual([
      ['BTCUSDT', NOW_MS],
      ['ETHUSDT', NOW_MS],
      ['XRPUSDT', NOW_MS + 60_000],
    ]);
    // of which only the listed ones must be fresh
    const fresh = new Set((await freshness.followedSeries()).map(({ symbol }) => symbol));
    expect([...fresh].sort()).toEqual(['BTCUSDT', 'XRPUSDT']);
  });

  test('seals the end of a delisted pair once, whatever was thought of it before', async () => {
    await listed('BTCUSDT', 'ETHUSDT');
    await followed.follow(['BTCUSDT', 'ETHUSDT']);
    await candles.storePage(pageOf(0, 10, [0, 1, 2, 4, 5, 6], { openIndex: 9 }));
    await candles.settleFailed(SERIES, [{ fromMs: at(9), toMs: at(12) }], ORIGIN, 'no answer');
    expect(await followed.unsealed('5m')).toEqual([]);
    await listed('ETHUSDT');
    expect(await followed.unsealed('1h')).toEqual([]);
    expect(await followed.unsealed('5m')).toEqual([{ ...SERIES, endMs: at(12) }]);
    await candles.settleAfterDelisting([SERIES, OTHER], at(20) + 60_000, ORIGIN);
    expect(await openGaps()).toEqual([
      ['unconfirmed', at(3), at(4)],
      ['after_delisting', at(7), at(9)],
      ['after_delisting', at(9), at(12)],
      ['after_delisting', at(12), at(20)],
    ]);
    expect(broken(await readStored(test_.database))).toEqual([]);
    expect(await followed.unsealed('5m')).toEqual([]);
    // nothing is due, and the series is complete but for the hole
    expect(await candles.failures()).toBeUndefined();
    const before = await readStored(test_.database);
    await candles.settleAfterDelisting([SERIES], at(20), ORIGIN);
    expect(await readStored(test_.database)).toEqual(before);
    // a series without a candle has no end
    expect((await readStored(test_.database, OTHER)).covered).toEqual([]);
  });

  test('what a pair lacks until it was listed last is not after its delisting', async () => {
    nowMs = at(15) + 60_000;
    await listed('BTCUSDT', 'ETHUSDT');
    await candles.storePage(pageOf(0, 10, numbers(0, 10)));
    nowMs = at(20) + 60_000;
    await listed('ETHUSDT');
    await candles.settleAfterDelisting([SERIES], nowMs, ORIGIN);
    expect(await openGaps()).toEqual([
      ['failed', at(10), at(15)],
      ['after_delisting', at(15), at(20)],
    ]);
  });

  test('opens the hole of a pair that is listed again', async () => {
    await listed('BTCUSDT', 'ETHUSDT');
    await followed.follow(['BTCUSDT']);
    await candles.storePage(pageOf(0, 10, numbers(0, 10)));
    await listed('ETHUSDT');
    await candles.settleAfterDelisting([SERIES], at(20), ORIGIN);
    expect(await followed.reopenRelisted('5m')).toBe(0);
    await listed('BTCUSDT', 'ETHUSDT');
    expect(await followed.reopenRelisted('1h')).toBe(0);
    expect(await followed.reopenRelisted('5m')).toBe(1);
    expect(await followed.reopenRelisted('5m')).toBe(0);
    expect((await readStored(test_.database)).gaps).toMatchObject([
      { kind: 'unconfirmed', asked: 0, nextAskMs: NOW_MS, open: true },
    ]);
  });

  test('asks again, when the pair is back, for what a refusal had ended the search for', async () => {
    await listed('BTCUSDT');
    await candles.storePage(pageOf(0, 10, [0, 1, 2, 4, 5, 6]));
    const queue = new SqlGapQueue({ database: test_.database, reaskMs: [], now: () => nowMs });
    await queue.seal(SERIES.symbol, 'the venue no longer lists the pair');
    expect(await queue.waiting()).toBe(0);
    expect(await followed.reopenRelisted('5m')).toBe(2);
    expect((await queue.due(10)).map(({ kind, period }) => [kind, period.fromMs])).toEqual([
      ['unconfirmed', at(3)],
      ['unconfirmed', at(7)],
    ]);
  });

  test('a series is as fresh as what the venue said of it last', async () => {
    await listed('BTCUSDT');
    await followed.follow(['BTCUSDT']);
    const fiveMinutes = async () =>
      (await freshness.followedSeries()).find(({ timeframe }) => timeframe === '5m');
    const newest = async (): Promise<number | undefined> => (await fiveMinutes())?.newestMs;
    expect(await newest()).toBeUndefined();
    expect(await freshness.followedSeries()).toHaveLength(5);
    await candles.storePage(pageOf(0, 10, numbers(0, 9)));
    // the venue was asked for the tenth and did not have it
    expect(await newest()).toBe(at(10));
    // which it has not proved yet
    expect((await fiveMinutes())?.provedMs).toBe(at(9));
    await candles.settleFailed(SERIES, [{ fromMs: at(10), toMs: at(12) }], ORIGIN, 'no answer');
    const live = new SqlLiveCandleStore({
      database: test_.database,
      reaskMs: [],
      now: () => nowMs,
    });
    await live.handOver([{ ...SERIES, untilMs: at(20) }], ORIGIN);
    expect(await newest()).toBe(at(10));
    expect(await freshness.newestFromStreamMs()).toBeUndefined();
    await live.storeClosed([liveCandle(20)], { ...ORIGIN, source: 'ws' });
    expect(await newest()).toBe(at(21));
    expect(await freshness.newestFromStreamMs()).toBe(at(21));
  });

  test('the set in one line: completeness, gaps and time to repair', async () => {
    const read = async () => readSetStatus(test_.database, await readStatus(test_.database), nowMs);
    expect(await read()).toBeUndefined();
    await listed('BTCUSDT', 'ETHUSDT');
    await followed.follow(['BTCUSDT']);
    expect(await read()).toMatchObject({ symbols: 1, series: 5, completeness: undefined, gaps: 0 });
    await candles.settleFailed(SERIES, [{ fromMs: at(0), toMs: at(10) }], ORIGIN, 'no answer');
    await candles.settleFailed(OTHER, [{ fromMs: at(0), toMs: at(10) }], ORIGIN, 'no answer');
    expect(await read()).toMatchObject({ completeness: 0, gaps: 1, repair: undefined });
    nowMs += 30_000;
    await candles.storePage(pageOf(0, 10, numbers(0, 10)));
    expect(await read()).toEqual({
      ...{ symbols: 1, series: 5, completeness: 1 / 5, gaps: 0, syncedAtMs: NOW_MS },
      repair: { gaps: 1, medianMs: 30_000, slowestMs: 30_000 },
    });
    nowMs += 2 * 86_400_000;
    expect(await read()).toMatchObject({ repair: undefined });
  });
});
