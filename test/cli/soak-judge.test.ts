import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeSoak } from '../../cli/soak/judge-soak.js';
import { quantile, robustSlope } from '../../cli/soak/robust-slope.js';
import type { SoakRecord, SoakSample } from '../../cli/soak/soak-sample.js';
import type { SeriesTally } from '../../storage/series-tally.js';
import type { StreamFigures } from '../../domain/stream.js';
import { activity, FIGURES, NOW_MS, standing } from './stream-samples.js';

const MINUTE = 60_000;
const MB = 1024 ** 2;
/** Six hours. */
const COUNT = 361;

interface Change extends Partial<Omit<SoakSample, 'standing'>> {
  readonly figures?: Partial<StreamFigures> | undefined;
}

/** A sample a minute of a good stream, with what is to be different. */
function sample(minute: number, change: Change = {}): SoakSample {
  const { figures, ...rest } = change;
  const told = { ...FIGURES, messages: minute * 1_000, tickersDropped: 0, ...figures };
  return {
    atMs: minute * MINUTE,
    standing: standing({ activity: activity({ figures: told }) }),
    beating: true,
    redisUpSeconds: 1_000 + minute * 60,
    candles: { newestMs: NOW_MS + Math.floor(minute / 5) * 5 * MINUTE, missing: 0 },
    ...rest,
  };
}

const SERIES: SeriesTally = {
  symbol: 'BTCUSDT',
  timeframe: '5m',
  closed: 72,
  explained: 1,
  missing: 0,
};

function record(
  change: (minute: number) => Change = () => ({}),
  rest: Partial<SoakRecord> = {},
): SoakRecord {
  return {
    startedAtMs: NOW_MS,
    wantedMs: (COUNT - 1) * MINUTE,
    ranMs: (COUNT - 1) * MINUTE,
    samples: Array.from({ length: COUNT }, (_, minute) => sample(minute, change(minute))),
    series: [SERIES],
    endedBy: undefined,
    ...rest,
  };
}

/** Names of the criteria that are not met. */
function failures(judged: SoakRecord): string[] {
  return judgeSoak(judged).flatMap(({ name, passed }) => (passed ? [] : [name]));
}

function measured(judged: SoakRecord, wanted: string): string | undefined {
  return judgeSoak(judged).find(({ name }) => name === wanted)?.measured;
}

describe('the verdict of a soak', () => {
  it('is good when all is', () => {
    expect(failures(record())).toEqual([]);
  });

  it.each<[string, SoakRecord]>([
    ['the stream ran', record(undefined, { endedBy: 'stopped' })],
    ['heartbeats', record((minute) => ({ beating: minute % 60 !== 7 }))],
    ['memory growth', record((minute) => ({ figures: { rssBytes: (100 + minute / 10) * MB } }))],
    [
      'memory peak',
      record((minute) => ({ figures: { rssBytes: (minute === 9 ? 351 : 100) * MB } })),
    ],
    [
      'lag p99',
      record((minute) => ({ figures: { lagMs: { p50: 3, p99: minute % 5 === 0 ? 1_001 : 20 } } })),
    ],
    ['candles', record(undefined, { series: [SERIES, { ...SERIES, missing: 1 }] })],
    ['candles', record(undefined, { series: undefined })],
    ['candles', record(undefined, { series: [] })],
    [
      'new candles',
      record((minute) =>
        minute < 100 ? {} : { candles: { newestMs: NOW_MS + 95 * MINUTE, missing: 0 } },
      ),
    ],
    [
      'reconnects',
      record((minute) => (minute < 360 ? {} : { figures: { state: 'reconnecting' } })),
    ],
    ['tickers dropped', record((minute) => ({ figures: { tickersDropped: minute < 50 ? 0 : 1 } }))],
  ])('fails by %s alone', (name, judged) => {
    expect(failures(judged)).toEqual([name]);
  });

  it('fails a soak that was too short for a candle', () => {
    const judged = record(undefined, {
      samples: [0, 1, 2, 3].map((minute) => sample(minute)),
      series: [],
      ranMs: 3 * MINUTE,
    });
    expect(failures(judged)).toEqual(['candles', 'new candles']);
  });

  it('allows a worker to be replaced, memory to move, and Redis to be away', () => {
    const judged = record((minute) => ({
      beating: minute !== 100,
      figures: {
        rssBytes: (120 + 25 * Math.sin(minute)) * MB,
        // a new attempt counts from 0
        ...(minute < 100 ? {} : { sinceMs: NOW_MS }),
        tickersDropped: minute < 50 || minute >= 100 ? 0 : 40,
      },
      redisUpSeconds: minute < 50 ? 5_000 + minute * 60 : (minute - 50) * 60,
    }));
    expect(failures(judged)).toEqual([]);
    expect(measured(judged, 'tickers dropped')).toBe('0, and 40 while Redis was away');
  });

  it('counts over all attempts of the activity', () => {
    const judged = record((minute) => ({
      figures:
        minute < 100
          ? { reconnects: 7 + Math.floor(minute / 50) }
          : { sinceMs: NOW_MS, reconnects: 2 },
    }));
    // 7 were there before; 1, then 2 of the next attempt
    expect(measured(judged, 'reconnects')).toBe('3 reconnects, live at the end');
  });
});

describe('the robust slope', () => {
  it('is that of the line, whatever a quarter of the points are', () => {
    const line = fc.record({
      slope: fc.integer({ min: -50, max: 50 }),
      wild: fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 10 }),
    });
    fc.assert(
      fc.property(line, ({ slope, wild }) => {
        const points = Array.from({ length: 60 }, (_, x) => ({ x, y: 5 + slope * x }));
        wild.forEach((y, i) => (points[i * 6] = { x: i * 6, y }));
        expect(robustSlope(points)).toBeCloseTo(slope, 6);
      }),
    );
  });

  it('knows nothing of a single point', () => {
    expect(robustSlope([])).toBeNaN();
    expect(robustSlope([{ x: 1, y: 1 }])).toBeNaN();
    expect(quantile([], 0.5)).toBeNaN();
    expect(quantile([3, 1, 2], 0.9)).toBe(3);
  });
});
