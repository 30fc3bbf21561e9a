import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VenueLag } from '../../domain/venue-lag.js';

const NOW = Date.UTC(2026, 1, 16, 9);

describe('the lateness of frames', () => {
  it('is the difference of the clocks where they agree', () => {
    const lag = new VenueLag();
    expect(lag.lateness(NOW, NOW + 40)).toBe(40);
    expect(lag.lateness(NOW + 100, NOW + 1_300)).toBe(1_200);
  });

  it('is never below zero, though the local clock be a little behind', () => {
    expect(new VenueLag().lateness(NOW, NOW - 300)).toBe(0);
  });

  it('counts from the quickest frame where the clocks differ by far', () => {
    const lag = new VenueLag();
    const otherDay = NOW - 30 * 86_400_000;
    expect(lag.lateness(otherDay, NOW)).toBe(0);
    expect(lag.lateness(otherDay + 100, NOW + 130)).toBe(30);
    // a quicker frame shows that those before were slow
    expect(lag.lateness(otherDay + 200, NOW + 190)).toBe(0);
    expect(lag.lateness(otherDay + 300, NOW + 300)).toBe(10);
  });

  it('forgets a quickest frame after one to two minutes, so a clock that is set right is believed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10_000, max: 10_000_000 }), (jumpMs) => {
        const lag = new VenueLag();
        for (let at = 0; at < 60_000; at += 1_000) lag.lateness(NOW + at, NOW + at + jumpMs);
        // the same frames as before, now by a clock that is another ten seconds ahead
        let late = 0;
        for (let at = 60_000; at <= 181_000; at += 1_000) {
          late = lag.lateness(NOW + at, NOW + at + jumpMs + 10_000);
        }
        expect(late).toBe(0);
      }),
    );
  });
});
