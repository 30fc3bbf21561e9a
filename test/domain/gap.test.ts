import { describe, expect, it } from 'vitest';
import { isProved, waitBeforeNextMs } from '../../domain/gap.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const REASK = [5 * MINUTE, DAY];

const waits = (ageMs: number): number[] =>
  [1, 2, 3, 4].map((asked) => waitBeforeNextMs(asked, ageMs, REASK));
const proofs = (ageMs: number): boolean[] =>
  [1, 2, 3, 4].map((asked) => isProved(asked, ageMs, REASK));

describe('a missing candle', () => {
  it('is asked for again after five minutes and after a day, and proved by the third answer', () => {
    expect(waits(DAY)).toEqual([5 * MINUTE, DAY, DAY, DAY]);
    expect(proofs(DAY)).toEqual([false, false, true, true]);
  });

  it('that is older than a week is proved by the second answer', () => {
    expect(waits(8 * DAY)).toEqual([5 * MINUTE, 5 * MINUTE, 5 * MINUTE, 5 * MINUTE]);
    expect(proofs(8 * DAY)).toEqual([false, true, true, true]);
    expect(proofs(7 * DAY)).toEqual([false, false, true, true]);
  });
});
