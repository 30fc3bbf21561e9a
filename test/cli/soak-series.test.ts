import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FollowedSeries, seriesOf } from '../../cli/soak/followed-series.js';
import { readEnds, readTally } from '../../storage/series-tally.js';
import type { Series } from '../../domain/series.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { SqlLiveCandleStore } from '../../storage/live-candle-store.js';
import { clear, opened, openPostgres, type TestDatabase } from '../storage/databases.js';
import { at, liveCandle, ORIGIN, pageOf, SERIES } from '../storage/pages.js';

const FIVE_MIN = 300_000;
const NOON = Date.parse('2026-02-15T12:00:00Z');

/** Ends of the 5m and 1h series of one symbol, counted in five minutes from noon. */
function ends(symbol: string, fiveMinutes: number | undefined, hours?: number) {
  return [
    { symbol, timeframe: '5m' as const, endMs: after(fiveMinutes) },
    { symbol, timeframe: '1h' as const, endMs: after(hours) },
  ];
}

function after(fiveMinutes: number | undefined): number | undefined {
  return fiveMinutes === undefined ? undefined : NOON + fiveMinutes * FIVE_MIN;
}

describe('what a stream owes', () => {
  const spans = (series: FollowedSeries): (string | number)[][] =>
    series
      .needed()
      .map(({ symbol, timeframe, fromMs, toMs }) => [
        ...[symbol, timeframe],
        ...[fromMs, toMs].map((timeMs) => (timeMs - NOON) / FIVE_MIN),
      ]);

  it('is all that followed the last candle, in every series, up to the newest of any', () => {
    const series = new FollowedSeries();
    series.take([...ends('A', 0, 0), ...ends('B', -288, -276)], true);
    expect(spans(series)).toEqual([
      ['B', '5m', -288, 0],
      ['B', '1h', -276, 0],
    ]);
    series.take([...ends('A', 13, 12), ...ends('B', 2, -276)], true);
    expect(spans(series)).toEqual([
      ['A', '5m', 0, 13],
      ['A', '1h', 0, 12],
      ['B', '5m', -288, 13],
      ['B', '1h', -276, 12],
    ]);
  });

  it('of a series without candles is what closes once the stream is seen live', () => {
    const series = new FollowedSeries();
    const empty = ends('B', undefined, undefined);
    // the end of yesterday's candles says nothing about now
    series.take([...ends('A', -288, -288), ...empty], true);
    series.take([...ends('A', 3, 0), ...empty], false);
    expect(spans(series).some(([symbol]) => symbol === 'B')).toBe(false);
    series.take([...ends('A', 4, 0), ...empty], true);
    series.take([...ends('A', 14, 12), ...empty], true);
    expect(spans(series).filter(([symbol]) => symbol === 'B')).toEqual([
      ['B', '5m', 4, 14],
      // the hour that was open then
      ['B', '1h', 0, 12],
    ]);
  });

  it('begins with the first candle where nothing was stored at all', () => {
    const series = new FollowedSeries();
    series.take(ends('A', undefined), true);
    expect(series.newestMs).toBeUndefined();
    expect(spans(series)).toEqual([]);
    series.take([...ends('A', 1), ...ends('B', undefined)], true);
    series.take([...ends('A', 2), ...ends('B', undefined)], true);
    expect(spans(series)).toEqual([
      ['A', '5m', 1, 2],
      ['B', '5m', 1, 2],
    ]);
  });

  it('is nothing of a symbol that is not followed any more', () => {
    const series = new FollowedSeries();
    series.take([...ends('A', 0, 0), ...ends('B', 0, 0)], true);
    series.take(ends('B', 1, 0), true);
    expect(spans(series)).toEqual([['B', '5m', 0, 1]]);
  });

  it('concerns every timeframe of every symbol', () => {
    expect(seriesOf(['A', 'B'])).toHaveLength(10);
  });
});

describe('what became of candles, by the database', () => {
  let test_: TestDatabase;
  let store: SqlCandleStore;
  beforeAll(async () => {
    test_ = await opened(openPostgres);
    store = new SqlCandleStore({ database: test_.database, reaskMs: [1, 1] });
  });
  afterAll(() => test_.close());
  beforeEach(() => clear(test_.database));

  const other: Series = { symbol: 'OTHERUSDT', timeframe: '5m' };
  const tally = async (from: number, to: number) => {
    const needed = [SERIES, other].map((each) => ({ ...each, fromMs: at(from), toMs: at(to) }));
    return (await readTally(test_.database, needed)).map(({ closed, explained, missing }) => ({
      ...{ closed, explained, missing },
    }));
  };

  it('ends where the settled candles end', async () => {
    const live = new SqlLiveCandleStore({ database: test_.database, reaskMs: [] });
    await live.storeClosed([liveCandle(3)], ORIGIN);
    expect(await readEnds(test_.database, [other, SERIES])).toEqual([
      { ...other, endMs: undefined },
      { ...SERIES, endMs: at(4) },
    ]);
  });

  it('are missing where nothing is known, and where a gap is not proven', async () => {
    await store.storePage(pageOf(0, 10, [0, 1, 2, 3, 5, 6, 7, 8, 9]));
    // one answer lacked it
    expect(await tally(0, 12)).toEqual([
      { closed: 12, explained: 0, missing: 3 },
      { closed: 12, explained: 0, missing: 12 },
    ]);
    await store.storePage(pageOf(0, 10, [0, 1, 2, 3, 5, 6, 7, 8, 9]));
    expect((await tally(0, 12))[0]).toEqual({ closed: 12, explained: 1, missing: 2 });
    await store.settleFailed(SERIES, [{ fromMs: at(10), toMs: at(12) }], ORIGIN, 'no answer');
    expect((await tally(0, 12))[0]).toEqual({ closed: 12, explained: 1, missing: 2 });
    await store.settleBeforeListing([other], { fromMs: at(0), toMs: at(8) }, ORIGIN);
    expect((await tally(5, 9))[1]).toEqual({ closed: 4, explained: 3, missing: 1 });
  });

  it('are none where none are due', async () => {
    expect(await readTally(test_.database, [])).toEqual([]);
  });
});
