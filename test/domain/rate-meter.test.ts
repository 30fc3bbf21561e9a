import { describe, expect, it } from 'vitest';
import { RateMeter } from '../../domain/rate-meter.js';

describe('RateMeter', () => {
  it('tells nothing from one sample', () => {
    const meter = new RateMeter();
    expect(meter.pace()).toBeUndefined();
    meter.add({ atMs: 0, candles: 0, requests: 0, share: 0 });
    expect(meter.pace()).toBeUndefined();
  });

  it('measures a steady run', () => {
    const meter = new RateMeter();
    for (let s = 0; s <= 100; s++) {
      meter.add({ atMs: s * 1000, candles: s * 1000, requests: s * 10, share: s / 200 });
    }
    const pace = meter.pace();
    expect(pace?.candlesPerSecond).toBeCloseTo(1000);
    expect(pace?.requestsPerSecond).toBeCloseTo(10);
    expect(pace?.secondsLeft).toBeCloseTo(100);
  });

  it('follows a change within seconds and never goes below zero', () => {
    const meter = new RateMeter();
    for (let s = 0; s <= 60; s++) {
      meter.add({ atMs: s * 1000, candles: Math.min(s, 30) * 1000, requests: 0, share: 0.5 });
    }
    expect(meter.pace()).toMatchObject({ candlesPerSecond: 0, secondsLeft: undefined });
    meter.add({ atMs: 61_000, candles: 0, requests: 0, share: 0.4 });
    expect(meter.pace()).toMatchObject({ candlesPerSecond: 0, secondsLeft: undefined });
  });
});
