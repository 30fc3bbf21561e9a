import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  compareStretches,
  FRESH_COMPARISON,
  type CompareCursor,
} from '../../activities/verify/compare-stretches.js';
import { emptyCandles, type Candles } from '../../domain/candles.js';
import { GiveUpSymbol, RetrySoon } from '../../domain/failure.js';
import type { Series } from '../../domain/series.js';
import type { TimeRange } from '../../domain/time-range.js';
import type { Venue } from '../../domain/venue.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { SqlStoredStretches } from '../../storage/verify/stored-stretches.js';
import { clear, DATABASES, opened, type TestDatabase } from './databases.js';
import { at } from './pages.js';
import { RolledMarket, storeMarket } from './rolled-market.js';

const MARKET = new RolledMarket(3);

/** Answers from the market, changed by the test. */
class FakeVenue implements Pick<Venue, 'candles'> {
  readonly asked: { series: Series; window: TimeRange }[] = [];
  change: (candles: Candles, series: Series) => Candles = (candles) => candles;

  candles(series: Series, window: TimeRange) {
    this.asked.push({ series, window });
    const candles = MARKET.candles(series.timeframe, window.fromMs, window.toMs);
    return Promise.resolve({
      ...{ window, venueTimeMs: MARKET.toMs - 60_000, skippedMs: [] },
      candles: this.change(candles, series),
    });
  }
}

/** Changes the close of the candle that opens at `timeMs`. */
function withOtherClose(candles: Candles, timeMs: number): Candles {
  const close = candles.close.map((value, i) =>
    candles.openTimeMs[i] === timeMs ? value + 1 : value,
  );
  return { ...candles, close };
}

describe.each(DATABASES)('comparison with the venue on $kind', ({ open }) => {
  let test_: TestDatabase;
  let venue: FakeVenue;
  let cursors: CompareCursor[];

  beforeAll(async () => {
    test_ = await opened(open);
    await clear(test_.database);
    const store = new SqlCandleStore({ database: test_.database, reaskMs: [300_000] });
    await storeMarket(store, MARKET, 'BTCUSDT', ['5m', '1h']);
    await storeMarket(store, MARKET, 'ETHUSDT', ['5m', '1h']);
  });
  afterAll(() => test_.close());
  beforeEach(() => {
    venue = new FakeVenue();
    cursors = [];
  });

  const compare = (stretches: number, cursor = FRESH_COMPARISON, timeframes?: readonly ['5m']) =>
    compareStretches(
      {
        venue: venue as unknown as Venue,
        stored: new SqlStoredStretches(test_.database),
        signal: new AbortController().signal,
        onProgress: (next) => cursors.push(next),
      },
      { stretches, seed: 7, timeframes },
      cursor,
    );

  test('takes every series once before any is taken again, and finds nothing', async () => {
    const result = await compare(4);
    expect(result).toMatchObject({ stretches: 4, requests: 4, different: 0, differences: [] });
    expect(result.candles).toBe(2 * (3 * 288 - 1) + 2 * (3 * 24 - 1));
    expect(
      new Set(venue.asked.map(({ series }) => `${series.symbol} ${series.timeframe}`)).size,
    ).toBe(4);
  });

  test('tells a difference once, though stretches overlap', async () => {
    venue.change = (candles) => withOtherClose(candles, at(100));
    const result = await compare(6, FRESH_COMPARISON, ['5m']);
    expect(result).toMatchObject({ different: 2, amended: 0, requests: 12 });
    expect(result.differences.map(({ symbol, period }) => [symbol, period.fromMs]).sort()).toEqual([
      ['BTCUSDT', at(100)],
      ['ETHUSDT', at(100)],
    ]);
    expect(result.differences[0]?.expected).toMatch(/^close [\d.]+$/);
  });

  test('a candle that the venue lacks is a difference', async () => {
    venue.change = () => emptyCandles(0);
    const [first] = (await compare(1)).differences;
    expect(first).toMatchObject({
      check: 'venue',
      expected: 'no candle',
      found: 'a stored candle',
    });
  });

  test('believes a difference only when the venue says it twice', async () => {
    let calls = 0;
    venue.change = (candles) => (calls++ % 2 === 0 ? withOtherClose(candles, at(100)) : candles);
    expect(await compare(2, FRESH_COMPARISON, ['5m'])).toMatchObject({ different: 0, requests: 4 });
  });

  test('a candle of the last three may still be amended', async () => {
    venue.change = (candles) => withOtherClose(candles, at(3 * 288 - 2));
    expect(await compare(2, FRESH_COMPARISON, ['5m'])).toMatchObject({ different: 0, amended: 2 });
    venue.change = (candles) => withOtherClose(candles, at(3 * 288 - 5));
    expect(await compare(2, FRESH_COMPARISON, ['5m'])).toMatchObject({ different: 2, amended: 0 });
  });

  test('goes on without a symbol that the venue refuses', async () => {
    venue.change = (candles, { symbol }) => {
      if (symbol === 'ETHUSDT') throw new GiveUpSymbol('Not supported symbols');
      return candles;
    };
    const result = await compare(2, FRESH_COMPARISON, ['5m']);
    expect(result).toMatchObject({
      stretches: 1,
      unanswered: [{ symbol: 'ETHUSDT', timeframe: '5m', reason: 'Not supported symbols' }],
    });
  });

  test('resumes where an attempt failed, and gives a stretch up after four', async () => {
    const sample: string[] = [];
    await compare(4);
    sample.push(...venue.asked.map(({ series, window }) => JSON.stringify([series, window])));
    venue = new FakeVenue();
    cursors = [];
    venue.change = (candles) => {
      if (venue.asked.length >= 2 && venue.asked.length <= 5) throw new RetrySoon('HTTP 500');
      return candles;
    };
    for (let failures = 1; failures < 4; failures++) {
      await expect(compare(4, cursors.at(-1))).rejects.toMatchObject({ type: 'RetrySoon' });
      expect(cursors.at(-1)).toMatchObject({ done: 1, failures });
    }
    const result = await compare(4, cursors.at(-1));
    expect(result).toMatchObject({ stretches: 3, unanswered: [{ reason: 'HTTP 500' }] });
    const asked = venue.asked.map(({ series, window }) => JSON.stringify([series, window]));
    expect([...new Set(asked)]).toEqual(sample);
  });
});
