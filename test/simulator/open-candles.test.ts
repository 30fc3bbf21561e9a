import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CandleList } from '../../simulator/candle-list.js';
import { DAY_MS, findInterval, LEAF_MS, type Interval } from '../../simulator/interval.js';
import type { MarketSymbol } from '../../simulator/market.js';
import { OpenCandles } from '../../simulator/open-candles.js';
import { rollUpList } from '../../simulator/roll-up.js';
import { openMarket } from '../../simulator/simulator.js';
import { NOW } from './support.js';

const INTERVALS = ['1', '3', '5', '15', '60', '240', 'D', 'W', 'M'].map(
  (id) => findInterval(id) as Interval,
);

const LEAF = findInterval('5') as Interval;

function columns(candles: CandleList): number[][] {
  const { openMs, open, high, low, close, volume, turnoverHi, turnoverLo } = candles;
  return Array.from({ length: candles.length }, (_, i) =>
    [openMs, open, high, low, close, volume, turnoverHi, turnoverLo].map(
      (column) => column[i] as number,
    ),
  );
}

const moments = fc.array(
  fc.oneof(
    fc.integer({ min: NOW - 2 * DAY_MS, max: NOW + 2 * DAY_MS }),
    // boundaries and what lies close to them
    fc
      .tuple(fc.integer({ min: -600, max: 600 }), fc.integer({ min: -1, max: 1 }))
      .map(([leaf, beside]) => Math.floor(NOW / LEAF_MS + leaf) * LEAF_MS + beside),
  ),
  { minLength: 1, maxLength: 12 },
);

describe('open candles', () => {
  it('equal those of the series at any moments in any order, whatever is changed in between', async () => {
    const market = await openMarket({ now: NOW, speed: 0, pairs: 150 });
    const symbols = market.tradingSymbols().slice(0, 6);
    const thin = market.tradingSymbols().filter(({ rank }) => rank > 140);
    const candles = new OpenCandles(market);
    const expectEqual = (symbol: MarketSymbol, nowMs: number): void => {
      const view = market.finalView(nowMs);
      for (const interval of INTERVALS) {
        const openMs = interval.floor(nowMs);
        const expected = symbol.series.oldest(interval, openMs, openMs, 1, view);
        expect(columns(candles.candle(symbol, interval, nowMs))).toEqual(columns(expected));
      }
      const openMs = LEAF.floor(nowMs);
      const day = new CandleList(1);
      const leaves = symbol.series.oldest(LEAF, openMs - DAY_MS + LEAF_MS, nowMs, 288, view);
      rollUpList(leaves, openMs, day);
      expect(columns(candles.lastDay(symbol, nowMs))).toEqual(columns(day));
    };
    fc.assert(
      fc.property(fc.constantFrom(...symbols, ...thin), moments, (symbol, times) => {
        for (const nowMs of times) {
          market.quirks.emptyCandles = 'flat';
          market.changeListing(symbol.symbol, { holes: [], delistedMs: Infinity });
          expectEqual(symbol, nowMs);
          market.quirks.emptyCandles = 'omit';
          expectEqual(symbol, nowMs);
          const fromMs = LEAF.floor(nowMs) - 3_600_000;
          market.changeListing(symbol.symbol, {
            holes: [{ fromMs, toMs: fromMs + LEAF_MS }],
            delistedMs: LEAF.floor(nowMs) - LEAF_MS,
          });
          expectEqual(symbol, nowMs);
        }
      }),
      { numRuns: 40 },
    );
  });
});
