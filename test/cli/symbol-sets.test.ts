import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamPairs } from '../../domain/stream.js';
import { parseNamedPairs } from '../../cli/parse-pairs.js';
import { changeText, samePairs } from '../../cli/stream/symbol-sets.js';

const named = (...symbols: string[]): StreamPairs => ({ kind: 'symbols', symbols });
const top = (count: number): StreamPairs => ({ kind: 'top', count });

describe('samePairs', () => {
  it.each([
    [top(50), top(50), true],
    [top(50), top(20), false],
    [top(1), named('BTCUSDT'), false],
    [named('BTCUSDT'), top(1), false],
    [named('A', 'B'), named('B', 'A'), true],
    [named('A', 'B'), named('A'), false],
    [named('A'), named('A', 'B'), false],
    [named('A', 'B'), named('A', 'C'), false],
  ])('%j and %j: %s', (a, b, same) => {
    expect(samePairs(a, b)).toBe(same);
  });

  it('knows no order', () => {
    const symbols = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 });
    fc.assert(
      fc.property(
        symbols.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([list, shuffled]) => samePairs(named(...list), named(...shuffled)),
      ),
    );
  });
});

describe('changeText', () => {
  it('names what came and what went', () => {
    const change = { added: ['A', 'B'], removed: ['C'], symbols: ['A', 'B', 'D'] };
    expect(changeText(change)).toBe('added A, B; removed C: 3 symbols now');
    expect(changeText({ ...change, removed: [] })).toBe('added A, B: 3 symbols now');
    expect(changeText({ added: [], removed: ['C'], symbols: ['A'] })).toBe(
      'removed C: 1 symbol now',
    );
    expect(changeText({ ...change, added: [], removed: [] })).toBe(
      'the same symbols as before: 3 symbols now',
    );
  });

  it('counts what is too much to name', () => {
    const added = Array.from({ length: 50 }, (_, i) => `S${i}`);
    const text = changeText({ added, removed: [], symbols: added });
    expect(text).toBe('added S0, S1, S2, S3, S4, S5, S6, S7, S8, S9 and 40 more: 50 symbols now');
  });
});

describe('the pairs of m1 stream', () => {
  it('are none when none were named', () => {
    expect(parseNamedPairs({ symbols: [], top: undefined })).toBeUndefined();
    expect(parseNamedPairs({ symbols: [], top: '3' })).toEqual(top(3));
    expect(parseNamedPairs({ symbols: ['ethusdt,btcusdt'], top: undefined })).toEqual(
      named('BTCUSDT', 'ETHUSDT'),
    );
  });
});
