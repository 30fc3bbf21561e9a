import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CandleList } from '../../simulator/candle-list.js';
import { DecimalWriter, formatScaled } from '../../simulator/decimal-writer.js';

const BASE = 10n ** 15n;

/** The same number, written the slow way. */
function plain(value: bigint, decimals: number): string {
  const digits = value.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

describe('formatScaled', () => {
  it.each([
    [0, 0, '0'],
    [0, 8, '0'],
    [5330, 8, '0.0000533'],
    [644_000, 1, '64400'],
    [2_895_994, 2, '28959.94'],
    [1, 16, '0.0000000000000001'],
    [10_000_000, 7, '1'],
  ])('writes %d with %d decimals as %s', (value, decimals, text) => {
    expect(formatScaled(value, decimals)).toBe(text);
  });

  it('writes every integer that a double holds', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 0, max: 17 }), (value, decimals) => {
        expect(formatScaled(value, decimals)).toBe(plain(BigInt(value), decimals));
      }),
    );
  });

  it('writes numbers of two parts', () => {
    const lo = fc.maxSafeNat().map((value) => value % Number(BASE));
    const hi = fc.integer({ min: 1, max: 2_000_000_000 });
    fc.assert(
      fc.property(hi, lo, fc.integer({ min: 0, max: 17 }), (high, low, decimals) => {
        const value = BigInt(high) * BASE + BigInt(low);
        expect(formatScaled(low, decimals, high)).toBe(plain(value, decimals));
      }),
    );
  });
});

describe('DecimalWriter', () => {
  it('writes more rows than fit its first buffer, in both orders', () => {
    const candles = new CandleList(1);
    for (let n = 0; n < 3000; n++) {
      const i = candles.add();
      candles.openMs[i] = 1_700_000_000_000 + n;
      for (const column of [candles.open, candles.high, candles.low, candles.close]) {
        column[i] = 100_000 + n;
      }
      candles.volume[i] = n;
      candles.addTurnover(i, n, n);
    }
    const scales = { priceDecimals: 2, lotDecimals: 3 };
    const writer = new DecimalWriter();
    writer.rows(candles, scales, 'as listed');
    const listed = JSON.parse(writer.toString()) as string[][];
    writer.clear();
    writer.rows(candles, scales, 'reversed');
    expect(listed).toHaveLength(3000);
    expect(listed[2999]).toEqual([
      '1700000002999',
      '1029.99',
      '1029.99',
      '1029.99',
      '1029.99',
      '2.999',
      plain(2999n * BASE + 2999n, 5),
    ]);
    expect(JSON.parse(writer.toBuffer().toString())).toEqual([...listed].reverse());
  });

  it('carries turnovers over 10^15', () => {
    const candles = new CandleList(1);
    candles.add();
    for (let n = 0; n < 5; n++) candles.addTurnover(0, 0, 999_999_999_999_999);
    expect(formatScaled(candles.turnoverLo[0] ?? 0, 0, candles.turnoverHi[0])).toBe(
      (5n * 999_999_999_999_999n).toString(),
    );
  });
});
