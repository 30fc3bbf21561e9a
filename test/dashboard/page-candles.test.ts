import { describe, expect, it } from 'vitest';
import type { CandleSlice, ListedGap } from '../../dashboard/api.js';
import {
  MOST_BLANKS,
  placesOf,
  pointsOf,
  priceDecimals,
  type Candle,
} from '../../dashboard/page/candles/candle-points.js';
import { candleText } from '../../dashboard/page/candles/candle-text.js';
import { isMoving } from '../../dashboard/page/candles/is-moving.js';
import { LoadedSeries } from '../../dashboard/page/candles/loaded-series.js';

const HOUR = 3_600_000;

function candle(hour: number, close = 1): Candle {
  return [hour * HOUR, close, close, close, close, 1];
}

function gap(fromHour: number, toHour: number): ListedGap {
  return {
    symbol: 'BTCUSDT',
    timeframe: '1h',
    fromMs: fromHour * HOUR,
    toMs: toHour * HOUR,
    candles: toHour - fromHour,
    kind: 'unconfirmed',
    reason: undefined,
    asked: 1,
    foundAtMs: 0,
    lastAskedMs: undefined,
    nextAskMs: undefined,
    runs: [],
  };
}

function slice(candles: readonly Candle[], gaps: readonly ListedGap[] = []): CandleSlice {
  return { symbol: 'BTCUSDT', timeframe: '1h', candles, gaps, lastIsOpen: false };
}

describe('places on the time axis', () => {
  it('leaves a blank place for every missing candle', () => {
    const points = pointsOf([candle(1), candle(4)], '1h');
    expect(points.map(({ timeMs }) => timeMs / HOUR)).toEqual([1, 2, 3, 4]);
    expect(points.map((point) => point.candle !== undefined)).toEqual([true, false, false, true]);
  });

  it('keeps both ends of a long hole, ascending', () => {
    const times = pointsOf([candle(0), candle(10_000)], '1h').map(({ timeMs }) => timeMs / HOUR);
    expect(times).toHaveLength(MOST_BLANKS + 2);
    expect(times.slice(0, 3)).toEqual([0, 1, 2]);
    expect(times.slice(-2)).toEqual([9_999, 10_000]);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('finds the places of a gap', () => {
    const times = [1, 2, 3, 4].map((hour) => hour * HOUR);
    expect(placesOf(times, gap(2, 4))).toEqual([1, 2]);
    expect(placesOf(times, gap(5, 9))).toBeUndefined();
  });

  it('shows prices as they are', () => {
    expect(priceDecimals([candle(1, 65_000), candle(2, 65_000.25)])).toBe(2);
    expect(priceDecimals([candle(1, 0.00001234)])).toBe(8);
  });
});

describe('LoadedSeries', () => {
  it('grows to the past until nothing is left', () => {
    const series = new LoadedSeries('BTCUSDT', '1h');
    series.add(slice([candle(5), candle(6)], [gap(4, 5)]));
    series.add(slice([candle(2), candle(3)], [gap(4, 5), gap(1, 2)]), 5 * HOUR);
    expect(series.candles.map(([timeMs]) => timeMs / HOUR)).toEqual([2, 3, 5, 6]);
    expect(series.gaps).toEqual([gap(1, 2), gap(4, 5)]);
    expect(series.hasOlder).toBe(true);
    series.add(slice([]), 2 * HOUR);
    expect(series.hasOlder).toBe(false);
  });

  it('forgets a gap that a newer answer no longer has', () => {
    const series = new LoadedSeries('BTCUSDT', '1h');
    series.add(slice([candle(1), candle(4)], [gap(2, 4)]));
    series.add(slice([candle(1), candle(2), candle(3), candle(4)]));
    expect(series.gaps).toEqual([]);
  });

  it('follows the newest candle and notices one that was missed', () => {
    const series = new LoadedSeries('BTCUSDT', '1h');
    series.add(slice([candle(1)]));
    expect(series.follow({ candle: candle(1, 2), closed: true })).toBe(true);
    expect(series.follow({ candle: candle(2), closed: true })).toBe(true);
    expect(series.candles).toEqual([candle(1, 2), candle(2)]);
    expect(series.follow({ candle: candle(4), closed: true })).toBe(false);
    expect(series.follow({ candle: candle(1, 9), closed: true })).toBe(true);
    expect(series.candles).toEqual([candle(1, 2), candle(2)]);
  });

  it('keeps what it follows of the candle under way, and forgets it once that is closed', () => {
    const series = new LoadedSeries('BTCUSDT', '1h');
    const reading: Candle = [2 * HOUR, 1, 1, 1, 1, null];
    series.add({ ...slice([candle(1), reading]), lastIsOpen: true });
    expect(series.unfinishedAt(2 * HOUR)).toEqual({ read: true, pricesSinceMs: undefined });
    const live: Candle = [2 * HOUR, 1, 3, 1, 2, null];
    const madeOf = { read: true, pricesSinceMs: 2.5 * HOUR };
    series.follow({ candle: live, closed: false, madeOf });
    series.add({ ...slice([candle(1), reading]), lastIsOpen: true });
    expect(series.candles).toEqual([candle(1), live]);
    expect(series.unfinishedAt(2 * HOUR)).toEqual(madeOf);
    series.add(slice([candle(1), candle(2, 5)]));
    expect(series.candles).toEqual([candle(1), candle(2, 5)]);
    expect(series.unfinishedAt(2 * HOUR)).toBeUndefined();
  });
});

it('calls a candle live only while prices come into it', () => {
  const update = { candle: candle(2), closed: false, madeOf: { read: true, pricesSinceMs: 1 } };
  expect(isMoving(update, '1h', 2.9 * HOUR)).toBe(true);
  expect(isMoving(update, '1h', 3 * HOUR + 60_000)).toBe(false);
  expect(isMoving({ ...update, pricesEnded: true }, '1h', 2.9 * HOUR)).toBe(false);
  const madeOf = { read: true, pricesSinceMs: undefined };
  expect(isMoving({ ...update, madeOf }, '1h', 2.9 * HOUR)).toBe(false);
});

it('tells of a candle under way no more than is known', () => {
  const point: Candle = [8 * HOUR, 1, 3, 1, 2, null];
  const tell = (read: boolean, minutes: number | undefined): string | undefined => {
    const pricesSinceMs = minutes === undefined ? undefined : 8 * HOUR + minutes * 60_000;
    return candleText(point, { read, pricesSinceMs }).split(' · ')[1];
  };
  expect(candleText(point, undefined)).toMatch(/C\u00a02 {2}V\u00a0–$/);
  expect(candleText(candle(8, 5), undefined)).toMatch(/V\u00a01$/);
  expect([tell(false, 0), tell(true, 0)]).toEqual(['so far', 'so far']);
  expect(tell(false, 5)).toBe('so far, from the prices since 08:05');
  expect(tell(true, 5)).toBe('so far, from an earlier reading and the prices since 08:05');
  expect(tell(true, undefined)).toBe('so far, as it was last read');
});
