import { describe, expect, it } from 'vitest';
import { check, type CheckDeps } from '../../activities/freshness/check.js';
import { freshnessBoundMs, type FollowedSeries } from '../../domain/freshness.js';
import type { StreamFigures } from '../../domain/stream.js';

const VENUE = Date.UTC(2026, 0, 15);
const NOW = VENUE + 365 * 86_400_000;
const BOUND = freshnessBoundMs('5m');

const FRESH: FollowedSeries = {
  ...{ symbol: 'BTCUSDT', timeframe: '5m', sinceMs: 0 },
  ...{ newestMs: VENUE, provedMs: VENUE },
};

const LIVE = {
  state: 'live',
  sinceMs: NOW - BOUND - 1,
} as StreamFigures;

function deps(newestFromStreamMs: number | undefined, followed = [FRESH]): CheckDeps {
  return {
    venue: { serverTimeMs: () => Promise.resolve(VENUE) },
    freshness: {
      followedSeries: () => Promise.resolve(followed),
      newestFromStreamMs: () => Promise.resolve(newestFromStreamMs),
    },
    sourceLabel: 'bybit',
    nowMs: () => NOW,
  };
}

async function silentSince(given: CheckDeps, stream: StreamFigures | undefined) {
  const report = await check(given, stream, new AbortController().signal);
  expect(report.behind).toEqual([]);
  return report.streamSilentSinceMs;
}

describe('a stream that says it is live', () => {
  it('is believed while its candles arrive', async () => {
    expect(await silentSince(deps(VENUE - BOUND), LIVE)).toBeUndefined();
  });

  it('is doubted when none has arrived, although a sync keeps the series fresh', async () => {
    const lastMs = VENUE - BOUND - 1;
    expect(await silentSince(deps(lastMs), LIVE)).toBe(lastMs);
    expect(await silentSince(deps(undefined), LIVE)).toBe(0);
  });

  it('has the same time to bring its first one', async () => {
    expect(await silentSince(deps(undefined), { ...LIVE, sinceMs: NOW - BOUND })).toBeUndefined();
  });

  it('is not doubted for what it does not claim', async () => {
    expect(await silentSince(deps(undefined), undefined)).toBeUndefined();
    expect(await silentSince(deps(undefined), { ...LIVE, state: 'reconnecting' })).toBeUndefined();
    expect(await silentSince(deps(undefined, []), LIVE)).toBeUndefined();
  });
});
