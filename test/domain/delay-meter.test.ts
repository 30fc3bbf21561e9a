import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DelayMeter } from '../../domain/delay-meter.js';

/** Of a bucket, and of the last digit that is told, ms. */
const ERROR = 1.1;
const ROUNDING_MS = 0.05 + 1e-9;
const SPAN_MS = 30_000;

/** The smallest delay that at least this part of them does not pass. */
function rank(delays: readonly number[], part: number): number {
  const sorted = [...delays].sort((a, b) => a - b);
  return sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN;
}

function expectNear(told: number | undefined, exactMs: number): void {
  expect(told).toBeGreaterThanOrEqual(exactMs - ROUNDING_MS);
  expect(told).toBeLessThanOrEqual(exactMs * ERROR + ROUNDING_MS);
}

describe('the meter of delays', () => {
  it('tells percentiles at most a tenth too high, and never too low', () => {
    const delay = fc.oneof(
      fc.double({ min: 0.1, max: 100, noNaN: true }),
      fc.double({ min: 0.1, max: 500_000, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(delay, { minLength: 1, maxLength: 300 }), (delays) => {
        const meter = new DelayMeter();
        for (const delayMs of delays) meter.record(delayMs, 0);
        const summary = meter.summary(0);
        expectNear(summary?.p50, rank(delays, 0.5));
        expectNear(summary?.p99, rank(delays, 0.99));
      }),
    );
  });

  it('tells nothing before anything was recorded', () => {
    expect(new DelayMeter().summary(1_000)).toBeUndefined();
  });

  it('counts no delay, and one beyond its scale, at its ends', () => {
    const meter = new DelayMeter();
    meter.record(-3, 0);
    expect(meter.summary(0)).toEqual({ p50: 0.1, p99: 0.1 });
    const slow = new DelayMeter();
    slow.record(3_600_000, 0);
    expect(slow.summary(0)?.p50).toBeGreaterThan(600_000);
  });

  it('remembers a delay for half a minute at least, and no longer than about one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: SPAN_MS }),
        fc.integer({ min: 100, max: 1_000 }),
        (recordedMs, stepMs) => {
          const meter = new DelayMeter();
          meter.record(1, 0);
          for (let i = 0; i < 100; i++) meter.record(1_000, recordedMs);
          for (let ageMs = stepMs; ageMs < 2.2 * SPAN_MS; ageMs += stepMs) {
            meter.record(1, recordedMs + ageMs);
            const known = (meter.summary(recordedMs + ageMs)?.p99 ?? 0) > 900;
            if (ageMs < SPAN_MS) expect(known).toBe(true);
            // the traffic's own rhythm decides when a span ends
            if (ageMs > 2 * (SPAN_MS + stepMs)) expect(known).toBe(false);
          }
        },
      ),
    );
  });

  it('is empty again after a minute without anything', () => {
    const meter = new DelayMeter();
    meter.record(5, 10);
    meter.record(5, SPAN_MS + 10);
    expect(meter.summary(SPAN_MS + 10)).toBeDefined();
    expect(meter.summary(3 * SPAN_MS + 10)).toBeUndefined();
  });
});
