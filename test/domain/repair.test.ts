import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Gap } from '../../domain/gap.js';
import { repairPages } from '../../domain/repair.js';
import { timeframeMs } from '../../domain/timeframe.js';

const LENGTH_MS = timeframeMs('5m');

function gap(from: number, candles: number): Gap {
  return {
    ...{ symbol: 'BTCUSDT', timeframe: '5m', kind: 'unconfirmed', asked: 1, foundAtMs: 0 },
    ...{ foundBy: 'x', lastAskedMs: undefined, nextAskMs: undefined },
    period: { fromMs: from * LENGTH_MS, toMs: (from + candles) * LENGTH_MS },
  };
}

/** Gaps of a series, some longer than a page, in any order. */
const gapsOfSeries = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 1, max: 2500 })))
  .chain((steps) => {
    let at = 0;
    const gaps = steps.map(([skipped, candles]) => {
      const found = gap(at + skipped, candles);
      at += skipped + candles;
      return found;
    });
    return fc.shuffledSubarray(gaps, { minLength: gaps.length });
  });

it('gives each page the gaps that lie in its window', () => {
  fc.assert(
    fc.property(gapsOfSeries, (gaps) => {
      for (const { window, gaps: within } of repairPages(gaps)) {
        const own = gaps.filter(
          ({ period }) => period.fromMs < window.toMs && period.toMs > window.fromMs,
        );
        expect(new Set(within)).toEqual(new Set(own));
        expect(within).toHaveLength(own.length);
      }
    }),
  );
});
