import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  intersect,
  normalise,
  subtract,
  totalMs,
  union,
  type TimeRange,
  type TimeRanges,
} from '../../domain/time-range.js';

const SIZE = 40;

const anyRanges: fc.Arbitrary<TimeRanges> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: SIZE }), fc.integer({ min: 0, max: 8 })), {
    maxLength: 8,
  })
  .map((pairs) => normalise(pairs.map(([fromMs, length]) => ({ fromMs, toMs: fromMs + length }))));

/** The same set as a table of moments: the plain truth that the functions are held against. */
function moments(ranges: readonly TimeRange[]): Set<number> {
  const set = new Set<number>();
  for (const { fromMs, toMs } of ranges) for (let t = fromMs; t < toMs; t++) set.add(t);
  return set;
}

function expectNormal(ranges: TimeRanges): void {
  ranges.forEach((range, index) => {
    expect(range.fromMs).toBeLessThan(range.toMs);
    const next = ranges[index + 1];
    if (next !== undefined) expect(range.toMs).toBeLessThan(next.fromMs);
  });
}

describe('sets of time ranges', () => {
  it('subtract holds exactly what lies in the first and not in the second', () => {
    fc.assert(
      fc.property(anyRanges, anyRanges, (a, b) => {
        const rest = subtract(a, b);
        expectNormal(rest);
        const inB = moments(b);
        expect(moments(rest)).toEqual(new Set([...moments(a)].filter((t) => !inB.has(t))));
      }),
    );
  });

  it('intersect holds exactly what lies in both', () => {
    fc.assert(
      fc.property(anyRanges, anyRanges, (a, b) => {
        const common = intersect(a, b);
        expectNormal(common);
        const inB = moments(b);
        expect(moments(common)).toEqual(new Set([...moments(a)].filter((t) => inB.has(t))));
      }),
    );
  });

  it('union holds exactly what lies in either', () => {
    fc.assert(
      fc.property(anyRanges, anyRanges, (a, b) => {
        const either = union(a, b);
        expectNormal(either);
        expect(moments(either)).toEqual(new Set([...moments(a), ...moments(b)]));
        expect(totalMs(either)).toBe(moments(either).size);
      }),
    );
  });

  it('drops empty ranges and joins those that touch', () => {
    expect(
      normalise([
        { fromMs: 5, toMs: 5 },
        { fromMs: 3, toMs: 4 },
        { fromMs: 1, toMs: 3 },
      ]),
    ).toEqual([{ fromMs: 1, toMs: 4 }]);
  });
});
