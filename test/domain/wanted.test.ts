import { describe, expect, it } from 'vitest';
import type { SeriesState } from '../../domain/stores.js';
import { timeframeMs } from '../../domain/timeframe.js';
import { candleCount, closedWithin, todo, windowsFor } from '../../domain/wanted.js';

const H = timeframeMs('1h');

function state(parts: Partial<SeriesState>): SeriesState {
  return { symbol: 'BTCUSDT', timeframe: '1h', covered: [], due: [], failed: [], ...parts };
}

const options = {
  range: { fromMs: 10 * H, toMs: 100.5 * H },
  venueTimeMs: 100.5 * H,
  onlyFailed: false,
};

describe('what is still to do', () => {
  it('is everything closed when nothing is known', () => {
    expect(todo(state({}), options)).toEqual([{ fromMs: 10 * H, toMs: 100 * H }]);
  });

  it('is nothing when all is covered, although the open candle is not', () => {
    expect(todo(state({ covered: [{ fromMs: 0, toMs: 100 * H }] }), options)).toEqual([]);
  });

  it('is an interior hole, the new end, and a gap that is due', () => {
    const covered = [
      { fromMs: 10 * H, toMs: 50 * H },
      { fromMs: 60 * H, toMs: 90 * H },
    ];
    const due = [{ fromMs: 20 * H, toMs: 21 * H }];
    expect(todo(state({ covered, due }), options)).toEqual([
      { fromMs: 20 * H, toMs: 21 * H },
      { fromMs: 50 * H, toMs: 60 * H },
      { fromMs: 90 * H, toMs: 100 * H },
    ]);
  });

  it('is only the failed part when a person asks for that', () => {
    const failed = [{ fromMs: 5 * H, toMs: 20 * H }];
    const covered = [{ fromMs: 5 * H, toMs: 30 * H }];
    expect(todo(state({ covered, due: failed, failed }), { ...options, onlyFailed: true })).toEqual(
      [{ fromMs: 10 * H, toMs: 20 * H }],
    );
  });

  it('takes --from inclusive and --to exclusive, by open time', () => {
    expect(closedWithin('1h', { fromMs: 10 * H + 1, toMs: 12 * H }, 100 * H)).toEqual([
      { fromMs: 11 * H, toMs: 12 * H },
    ]);
    expect(closedWithin('1h', { fromMs: 10 * H, toMs: 12 * H + 1 }, 100 * H)).toEqual([
      { fromMs: 10 * H, toMs: 13 * H },
    ]);
  });
});

describe('windows of a range that ends now', () => {
  it('take the open candle along with the newest closed one', () => {
    const ranges = todo(state({}), options);
    expect(windowsFor('1h', ranges, options)).toEqual([{ fromMs: 10 * H, toMs: 101 * H }]);
  });

  it('do not reach for the open candle when only an old hole is asked', () => {
    const ranges = [{ fromMs: 20 * H, toMs: 21 * H }];
    expect(windowsFor('1h', ranges, options)).toEqual(ranges);
  });

  it('stop at --to although the venue is further', () => {
    const past = { ...options, range: { fromMs: 10 * H, toMs: 100 * H } };
    expect(windowsFor('1h', todo(state({}), past), past)).toEqual([
      { fromMs: 10 * H, toMs: 100 * H },
    ]);
  });

  it('count candles by the length of the timeframe', () => {
    expect(candleCount('1h', [{ fromMs: 0, toMs: 5 * H }])).toBe(5);
  });
});
