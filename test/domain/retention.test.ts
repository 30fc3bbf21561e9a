import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dayWindows,
  mergeTallies,
  rulesAt,
  tallyOf,
  witnessesOf,
  type JudgedDay,
} from '../../domain/retention.js';
import { intersect, normalise, subtract } from '../../domain/time-range.js';
import { timeframeMs } from '../../domain/timeframe.js';
import { todo } from '../../domain/wanted.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-20T10:03:20Z');

describe('the rules', () => {
  it('reach back to a midnight, shortest timeframe first', () => {
    const keepMs = new Map([['1h', 60 * DAY] as const, ['5m', 30 * DAY] as const]);
    expect(rulesAt(keepMs, NOW)).toEqual([
      { timeframe: '5m', keepMs: 30 * DAY, horizonMs: Date.parse('2026-10-21') },
      { timeframe: '1h', keepMs: 60 * DAY, horizonMs: Date.parse('2026-09-21') },
    ]);
  });

  it('want all longer timeframes that are kept longer, as far back as these are kept', () => {
    const five = { timeframe: '5m', horizonMs: 100 * DAY } as const;
    const others = [
      { timeframe: '15m', horizonMs: 100 * DAY },
      { timeframe: '1h', horizonMs: 90 * DAY },
      { timeframe: '4h', horizonMs: 101 * DAY },
    ] as const;
    expect(witnessesOf(five, [five, ...others])).toEqual([
      { timeframe: '1h', fromMs: 90 * DAY },
      { timeframe: '1d', fromMs: -Infinity },
    ]);
    expect(witnessesOf({ timeframe: '1d', horizonMs: DAY }, [])).toEqual([]);
  });
});

describe('the windows of days', () => {
  it('hold whole days before the horizon, each once, at most seven, and every day with something covered', () => {
    const length = timeframeMs('5m');
    const spans = fc.array(
      fc.record({ from: fc.nat(60 * 288), count: fc.integer({ min: 1, max: 20 * 288 }) }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(spans, fc.nat(60), (raw, day) => {
        const horizonMs = day * DAY;
        const covered = intersect(
          normalise(
            raw.map(({ from, count }) => ({
              fromMs: from * length,
              toMs: (from + count) * length,
            })),
          ),
          [{ fromMs: -Infinity, toMs: horizonMs }],
        );
        const windows = dayWindows(covered, { timeframe: '5m', horizonMs });
        let before = -Infinity;
        for (const { fromMs, toMs } of windows) {
          expect(fromMs % DAY).toBe(0);
          expect(toMs % DAY).toBe(0);
          expect(fromMs).toBeGreaterThanOrEqual(before);
          expect(toMs - fromMs).toBeLessThanOrEqual(7 * DAY);
          expect(toMs).toBeLessThanOrEqual(horizonMs);
          before = toMs;
        }
        expect(subtract(covered, normalise(windows))).toEqual([]);
      }),
    );
  });

  it('take the next day along when coverage ends at midnight: an open candle may lie there', () => {
    const covered = [{ fromMs: DAY, toMs: 2 * DAY }];
    expect(dayWindows(covered, { timeframe: '5m', horizonMs: 9 * DAY })).toEqual([
      { fromMs: DAY, toMs: 3 * DAY },
    ]);
  });
});

describe('what is to do', () => {
  const state = { symbol: 'BTCUSDT', timeframe: '5m', covered: [], due: [], failed: [] } as const;
  const options = {
    ...{ range: { fromMs: 5 * DAY, toMs: 20 * DAY }, venueTimeMs: 30 * DAY, onlyFailed: false },
  };

  it('begins at the horizon, also where something older is due or failed', () => {
    const horizonMs = 10 * DAY;
    const old = [{ fromMs: 6 * DAY, toMs: 11 * DAY }];
    const kept = [{ fromMs: horizonMs, toMs: 20 * DAY }];
    expect(todo({ ...state, horizonMs }, options)).toEqual(kept);
    expect(todo({ ...state, horizonMs, covered: old, due: old }, options)).toEqual(kept);
    expect(todo({ ...state, horizonMs, failed: old }, { ...options, onlyFailed: true })).toEqual([
      { fromMs: horizonMs, toMs: 11 * DAY },
    ]);
  });

  it('is nothing when all that is wanted is older, and all when the horizon is older', () => {
    expect(todo({ ...state, horizonMs: 25 * DAY }, options)).toEqual([]);
    expect(todo({ ...state, horizonMs: DAY }, options)).toEqual([options.range]);
  });
});

describe('the tally', () => {
  const rule = { timeframe: '5m', horizonMs: 100 * DAY } as const;
  const gone: JudgedDay = { dayMs: DAY, candles: 288, heldBy: undefined };
  const left = (dayMs: number): JudgedDay => ({
    ...{ dayMs, candles: 100 },
    heldBy: { timeframe: '1d', fault: 'missing' },
  });

  it('counts what goes apart from what is held back, with one example a reason', () => {
    const one = tallyOf(rule, 'BTCUSDT', [gone, left(2 * DAY), left(3 * DAY)]);
    const two = tallyOf(rule, 'ETHUSDT', [left(4 * DAY)]);
    expect(mergeTallies([one], [two])).toEqual([
      {
        ...rule,
        ...{ symbols: 1, days: 1, candles: 288 },
        held: [
          {
            ...{ timeframe: '1d', fault: 'missing', days: 3, candles: 300 },
            example: { symbol: 'BTCUSDT', dayMs: 2 * DAY },
          },
        ],
      },
    ]);
  });
});
