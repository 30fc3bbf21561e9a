import { afterEach, expect, test, vi } from 'vitest';
import { ReceiptClock } from '../../../exchange/stream/receipt-clock.js';

afterEach(() => {
  vi.restoreAllMocks();
});

test('is the wall clock, with a fraction, and rises', () => {
  const clock = new ReceiptClock();
  const times = Array.from({ length: 100 }, () => clock.nowMs());
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times.some((timeMs) => timeMs % 1 !== 0)).toBe(true);
  expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(1000);
});

test.each([3_600_000, -3_600_000])('follows the wall clock when it is set, by %i ms', (byMs) => {
  const clock = new ReceiptClock();
  const realNow = Date.now.bind(Date);
  clock.nowMs();
  vi.spyOn(Date, 'now').mockImplementation(() => realNow() + byMs);
  // far from an hour, for a busy machine
  for (let i = 0; i < 3; i++) {
    expect(Math.abs(clock.nowMs() - (realNow() + byMs))).toBeLessThan(1000);
  }
});
