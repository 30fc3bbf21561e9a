import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_CANDLES, pageWindows } from '../../domain/page.js';
import { normalise, subtract, totalMs } from '../../domain/time-range.js';
import { TIMEFRAMES, timeframeMs } from '../../domain/timeframe.js';

describe('page windows', () => {
  it('cover every wanted candle, never overlap, stay on the grid and within the limit', () => {
    const plans = fc.record({
      timeframe: fc.constantFrom(...TIMEFRAMES),
      limit: fc.integer({ min: 1, max: 20 }),
      spans: fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 60 })), { maxLength: 10 }),
    });
    fc.assert(
      fc.property(plans, ({ timeframe, limit, spans }) => {
        const length = timeframeMs(timeframe);
        const todo = normalise(
          spans.map(([from, count]) => ({ fromMs: from * length, toMs: (from + count) * length })),
        );
        const windows = pageWindows(todo, timeframe, limit);
        expect(subtract(todo, normalise(windows))).toEqual([]);
        expect(totalMs(normalise(windows))).toBe(
          windows.reduce((sum, window) => sum + window.toMs - window.fromMs, 0),
        );
        for (const { fromMs, toMs } of windows) {
          expect(fromMs % length).toBe(0);
          expect((toMs - fromMs) / length).toBeLessThanOrEqual(limit);
          expect(toMs).toBeGreaterThan(fromMs);
        }
      }),
    );
  });

  it('never asks for more windows than the ranges would need one by one', () => {
    const length = timeframeMs('5m');
    const spans = fc.array(fc.tuple(fc.nat(5000), fc.integer({ min: 1, max: 2500 })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(spans, (pairs) => {
        const todo = normalise(
          pairs.map(([from, count]) => ({ fromMs: from * length, toMs: (from + count) * length })),
        );
        const apart = todo.reduce(
          (sum, { fromMs, toMs }) => sum + Math.ceil((toMs - fromMs) / length / PAGE_CANDLES),
          0,
        );
        expect(pageWindows(todo, '5m').length).toBeLessThanOrEqual(apart);
      }),
    );
  });

  it('holds exactly a thousand candles in a full window, so the venue drops none', () => {
    const length = timeframeMs('1h');
    const [first, second] = pageWindows([{ fromMs: 0, toMs: 1500 * length }], '1h');
    expect(first).toEqual({ fromMs: 0, toMs: 1000 * length });
    expect(second).toEqual({ fromMs: 1000 * length, toMs: 1500 * length });
  });
});
