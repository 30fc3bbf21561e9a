import { describe, expect, it } from 'vitest';
import { nextAskMs } from '../../domain/gap.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const REASK = [5 * MINUTE, DAY];
const NOW = Date.UTC(2026, 0, 10);

describe('when a missing candle is asked again', () => {
  it('after five minutes, then after a day, then never', () => {
    const recentEnd = NOW - DAY;
    expect(nextAskMs(1, NOW, recentEnd, REASK)).toBe(NOW + 5 * MINUTE);
    expect(nextAskMs(2, NOW, recentEnd, REASK)).toBe(NOW + DAY);
    expect(nextAskMs(3, NOW, recentEnd, REASK)).toBeUndefined();
  });

  it('only once more when it is older than a week', () => {
    const oldEnd = NOW - 8 * DAY;
    expect(nextAskMs(1, NOW, oldEnd, REASK)).toBe(NOW + 5 * MINUTE);
    expect(nextAskMs(2, NOW, oldEnd, REASK)).toBeUndefined();
  });
});
