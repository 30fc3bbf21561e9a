import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closedBy, closeTimeMs, CloseWatch, type Closes } from '../../domain/close-watch.js';
import { openTimeMs, TIMEFRAMES, timeframeMs, type Timeframe } from '../../domain/timeframe.js';

const DELAY = 5_000;
const HOUR = 3_600_000;
const FIVE = timeframeMs('5m');
/** Every timeframe closes here. */
const MIDNIGHT = Date.UTC(2026, 1, 16);

/** Venue times from somewhere before midnight on, in steps short and long. */
const RISING = fc
  .tuple(
    fc.integer({ min: -2 * HOUR, max: 0 }),
    fc.array(
      fc.oneof(
        fc.integer({ min: 0, max: 20_000 }),
        fc.integer({ min: 0, max: 20 * 60_000 }),
        fc.integer({ min: 0, max: 5 * HOUR }),
      ),
      { minLength: 2, maxLength: 60 },
    ),
  )
  .map(([first, steps]) => {
    let timeMs = MIDNIGHT + first;
    return [timeMs, ...steps.map((step) => (timeMs += step))];
  });

/** What is told at each of these venue times. */
function tell(times: readonly number[]): Closes[] {
  const watch = new CloseWatch(DELAY);
  return times.flatMap((timeMs) => watch.advance(timeMs) ?? []);
}

function openTimes(timeframe: Timeframe, closes: Closes): number[] {
  const range = closedBy(timeframe, closes);
  if (range === undefined) return [];
  const count = (range.toMs - range.fromMs) / timeframeMs(timeframe);
  return Array.from({ length: count }, (_, i) => range.fromMs + i * timeframeMs(timeframe));
}

describe('the watch for closes', () => {
  it('tells every close once, from the second before the first time on, none older than an hour', () => {
    fc.assert(
      fc.property(RISING, fc.constantFrom(...TIMEFRAMES), (times, timeframe) => {
        const told = tell(times).flatMap((closes) => openTimes(timeframe, closes));

        const expected: number[] = [];
        let knownMs = openTimeMs('5m', (times[0] ?? 0) - DELAY) - 2 * FIVE;
        for (const timeMs of times) {
          // the market's own grid of closes, walked one by one
          const untilMs = openTimeMs('5m', timeMs - DELAY);
          for (let closeMs = knownMs + FIVE; closeMs <= untilMs; closeMs += FIVE) {
            const opened = closeMs - timeframeMs(timeframe);
            const isClose = closeMs % timeframeMs(timeframe) === 0;
            if (isClose && closeMs > untilMs - HOUR) expected.push(opened);
          }
          knownMs = untilMs;
        }
        expect(told).toEqual(expected);
      }),
    );
  });

  it('tells a close only once the delay has passed by the venue clock', () => {
    const watch = new CloseWatch(DELAY);
    expect(watch.advance(MIDNIGHT - 1_000)).toEqual({
      afterMs: MIDNIGHT - 3 * FIVE,
      untilMs: MIDNIGHT - FIVE,
    });
    expect(watch.advance(MIDNIGHT + DELAY - 1)).toBeUndefined();
    expect(watch.advance(MIDNIGHT + DELAY)).toEqual({
      afterMs: MIDNIGHT - FIVE,
      untilMs: MIDNIGHT,
    });
    expect(watch.advance(MIDNIGHT + DELAY)).toBeUndefined();
    expect(watch.advance(MIDNIGHT + FIVE)).toBeUndefined();
  });
});

describe('what closes end', () => {
  it('ends a candle of each timeframe at midnight, and of the shortest alone five minutes on', () => {
    const midnight = { afterMs: MIDNIGHT - FIVE, untilMs: MIDNIGHT };
    for (const timeframe of TIMEFRAMES) {
      const [openMs, ...others] = openTimes(timeframe, midnight);
      expect(others).toEqual([]);
      expect(closeTimeMs(timeframe, openMs ?? 0)).toBe(MIDNIGHT);
    }
    const later = { afterMs: MIDNIGHT, untilMs: MIDNIGHT + FIVE };
    const ended = TIMEFRAMES.filter((timeframe) => closedBy(timeframe, later) !== undefined);
    expect(ended).toEqual(['5m']);
  });
});
