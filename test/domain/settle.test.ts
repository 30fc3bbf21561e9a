import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyCandles, type Candles } from '../../domain/candles.js';
import { CLOSE_SLACK_MS, settlePage } from '../../domain/settle.js';
import { intersect, normalise, subtract, totalMs } from '../../domain/time-range.js';
import { timeframeMs } from '../../domain/timeframe.js';

const LENGTH = timeframeMs('5m');

function candlesAt(indexes: readonly number[]): Candles {
  const candles = emptyCandles(indexes.length);
  indexes.forEach((index, i) => {
    candles.openTimeMs[i] = index * LENGTH;
  });
  return candles;
}

function page(rows: readonly number[], from: number, to: number, venueTimeMs: number) {
  return {
    window: { fromMs: from * LENGTH, toMs: to * LENGTH },
    venueTimeMs,
    candles: candlesAt(rows),
    skippedMs: [],
  };
}

describe('what a page settles', () => {
  it('never settles the candle that is still open', () => {
    const settled = settlePage(page([0, 1, 2], 0, 3, 2.5 * LENGTH), '5m');
    expect([...settled.closed.openTimeMs]).toEqual([0, LENGTH]);
    expect([...settled.open.openTimeMs]).toEqual([2 * LENGTH]);
    expect(settled.settled).toEqual([{ fromMs: 0, toMs: 2 * LENGTH }]);
  });

  it('waits for the slack before it calls a candle closed', () => {
    const justClosed = 3 * LENGTH + CLOSE_SLACK_MS - 1;
    expect(settlePage(page([2], 2, 3, justClosed), '5m').closed.openTimeMs).toHaveLength(0);
    const closed = settlePage(page([2], 2, 3, justClosed + 1), '5m');
    expect(closed.closed.openTimeMs).toHaveLength(1);
    expect(closed.open.openTimeMs).toHaveLength(0);
  });

  it('drops a row from the future of the venue itself', () => {
    const settled = settlePage(page([0, 5], 0, 10, 1.5 * LENGTH), '5m');
    expect([...settled.closed.openTimeMs, ...settled.open.openTimeMs]).toEqual([0]);
  });

  it('settles nothing of a window that lies wholly in the future', () => {
    const settled = settlePage(page([], 10, 12, 5 * LENGTH), '5m');
    expect(settled.settled).toEqual([]);
    expect(settled.holes).toEqual([]);
  });

  it('counts a row without prices neither as settled nor as a hole', () => {
    const settled = settlePage({ ...page([0, 2], 0, 3, 10 * LENGTH), skippedMs: [LENGTH] }, '5m');
    expect(settled.skipped).toBe(1);
    expect(settled.holes).toEqual([]);
    expect(settled.settled).toEqual([
      { fromMs: 0, toMs: LENGTH },
      { fromMs: 2 * LENGTH, toMs: 3 * LENGTH },
    ]);
  });

  it('splits every closed moment into a row, a hole or a skipped row, and nothing else', () => {
    const input = fc.record({
      rows: fc.uniqueArray(fc.integer({ min: 0, max: 29 })),
      skipped: fc.uniqueArray(fc.integer({ min: 0, max: 29 })),
      now: fc.integer({ min: 0, max: 40 * LENGTH }),
    });
    fc.assert(
      fc.property(input, ({ rows, skipped, now }) => {
        const stored = rows.filter((row) => !skipped.includes(row)).sort((a, b) => a - b);
        const settled = settlePage(
          { ...page(stored, 0, 30, now), skippedMs: skipped.map((index) => index * LENGTH) },
          '5m',
        );
        const closedUntil = Math.min(30, Math.floor((now - CLOSE_SLACK_MS) / LENGTH)) * LENGTH;
        const spanOf = (index: number) => ({ fromMs: index * LENGTH, toMs: (index + 1) * LENGTH });
        const rowSet = normalise([...settled.closed.openTimeMs].map((t) => spanOf(t / LENGTH)));
        const skippedSet = normalise(skipped.map(spanOf));
        const whole = normalise([{ fromMs: 0, toMs: Math.max(0, closedUntil) }]);
        expect(settled.settled).toEqual(subtract(whole, skippedSet));
        expect(intersect(rowSet, settled.holes)).toEqual([]);
        expect(totalMs(rowSet) + totalMs(settled.holes)).toBe(totalMs(settled.settled));
      }),
    );
  });
});
