import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CandleList } from '../../simulator/candle-list.js';
import { DAY_MS, findInterval, LEAF_MS, type Interval } from '../../simulator/interval.js';
import { OpenCandles } from '../../simulator/open-candles.js';
import { rollUpList } from '../../simulator/roll-up.js';
import { openMarket } from '../../simulator/simulator.js';
import { NOW } from './support.js';

const INTERVALS = ['1', '3', '5', '15', '60', '240', 'D', 'W', 'M'].map(
  (id) => findInterval(id) as Interval,
);

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
  it('equal those of the series at any moments in any order', async () => {
    const market = await openMarket({ now: NOW, speed: 0, pairs: 150 });
    const symbols = market.tradingSymbols().slice(0, 6);
    const thin = market.tradingSymbols().filter(({ rank }) => rank > 120);
    const hole = { fromMs: NOW - 3_600_000, toMs: NOW + 3_600_000 };
    const [first] = symbols as [(typeof symbols)[0]];
    market.changeListing(first.symbol, { holes: [hole], delistedMs: NOW + DAY_MS });
    const candles = new OpenCandles(market);
    const choice = fc.constantFrom(...symbols, ...thin);
    const empty = fc.constantFrom('flat', 'omit');
    fc.assert(
      fc.property(choice, empty, moments, (symbol, emptyCandles, times) => {
        market.quirks.emptyCandles = emptyCandles;
        for (const nowMs of times) {
          const view = market.finalView(nowMs);
          for (const interval of INTERVALS) {
            const openMs = interval.floor(nowMs);
            const expected = symbol.series.oldest(interval, openMs, openMs, 1, view);
            expect(columns(candles.candle(symbol, interval, nowMs))).toEqual(columns(expected));
          }
          const fromMs = Math.floor(nowMs / LEAF_MS) * LEAF_MS - DAY_MS + LEAF_MS;
          const leaf = findInterval('5') as Interval;
          const day = new CandleList(1);
          const leaves = symbol.series.oldest(leaf, fromMs, nowMs, 288, view);
          rollUpList(leaves, leaf.floor(nowMs), day);
          expect(columns(candles.lastDay(symbol, nowMs))).toEqual(columns(day));
        }
      }),
      { numRuns: 60 },
    );
  });
});
