import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDurationMs } from '../../runtime/duration.js';

describe('parseDurationMs', () => {
  it.each([
    ['30s', 30_000],
    ['10m', 600_000],
    ['6h', 21_600_000],
    ['1d', 86_400_000],
    [' 5m ', 300_000],
  ])('reads %s', (text, durationMs) => {
    expect(parseDurationMs(text)).toBe(durationMs);
  });

  it.each(['', '10', 'm', '0m', '-5m', '1.5h', '5 m', '5M', '1w', '1d2h', '99999999999s'])(
    'refuses %j',
    (text) => {
      expect(parseDurationMs(text)).toBeUndefined();
    },
  );

  it('is additive in its count', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.constantFrom('s', 'm', 'h', 'd'),
        (n, unit) => {
          expect(parseDurationMs(`${n}${unit}`)).toBe(n * (parseDurationMs(`1${unit}`) ?? NaN));
        },
      ),
    );
  });
});
