import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TradeRhythm } from '../../simulator/trade-rhythm.js';
import { DAY, NOW } from './support.js';

const BUSY_PAIRS = 50;
const moments = fc.integer({ min: NOW - DAY, max: NOW + DAY });

describe('the rhythm of trades', () => {
  it('is every moment for a busy pair', () => {
    const rhythm = new TradeRhythm(1, { symbol: 'BTCUSDT', rank: BUSY_PAIRS - 1 }, BUSY_PAIRS);
    expect([rhythm.isBusy, rhythm.lastTradeMs(NOW), rhythm.lastTradeMs(NOW + 1)]).toEqual([
      true,
      NOW,
      NOW + 1,
    ]);
  });

  it('tells the latest trade of a thin pair at any moment', () => {
    fc.assert(
      fc.property(fc.integer({ min: BUSY_PAIRS, max: 700 }), moments, moments, (rank, a, b) => {
        const rhythm = new TradeRhythm(1, { symbol: `R${rank}USDT`, rank }, BUSY_PAIRS);
        const [earlier, later] = [Math.min(a, b), Math.max(a, b)];
        const [first, second] = [rhythm.lastTradeMs(earlier), rhythm.lastTradeMs(later)];
        expect(first).toBeLessThanOrEqual(earlier);
        expect(earlier - first).toBeLessThan(250_000);
        // at a trade's own moment it is the latest, and none lies between it and the moment asked
        expect(rhythm.lastTradeMs(first)).toBe(first);
        expect(second === first || second > earlier).toBe(true);
      }),
    );
  });

  it('is slower for thinner pairs', () => {
    const trades = (rank: number): number => {
      const rhythm = new TradeRhythm(1, { symbol: 'AUSDT', rank }, BUSY_PAIRS);
      const seen = new Set<number>();
      for (let at = NOW; at < NOW + DAY; at += 1000) seen.add(rhythm.lastTradeMs(at));
      return seen.size;
    };
    expect(trades(60)).toBeGreaterThan(2 * trades(100));
    expect(trades(100)).toBeGreaterThan(2 * trades(400));
    expect(trades(400)).toBeGreaterThan(1000);
  });
});
