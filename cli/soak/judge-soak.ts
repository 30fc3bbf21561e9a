import { timeframeMs } from '../../domain/timeframe.js';
import { formatCount, formatSeconds, plural } from '../render/format.js';
import { streamWord } from '../../steering/stream-standing.js';
import { quantile, robustSlope } from './robust-slope.js';
import { figuresOf, type SoakRecord, type SoakSample } from './soak-sample.js';
import type { SeriesTally } from '../../storage/series-tally.js';
import { rises, total } from './soak-totals.js';

/** One thing that a soak shows, or does not. */
export interface Criterion {
  readonly name: string;
  readonly passed: boolean;
  readonly measured: string;
  /** What was allowed. */
  readonly bound: string;
}

const MEGABYTE = 1024 ** 2;
const HOUR_MS = 3_600_000;

/** Memory is flat below either: slow growth, or a rise that is within its ups and downs. */
const GROWTH_MB_PER_HOUR = 2;
const RISE_MB = 16;
const PEAK_MB = 350;

/** For tickers on their way from the venue, the network and both clocks included. */
const LAG_P99_MS = 1_000;
/** Share of the samples that must keep to it: not while a backlog of a disconnect is read. */
const LAG_SHARE = 0.9;

/** Share of the samples in which no activity may run, one at least: a worker may be replaced. */
const SILENT_SHARE = 0.01;

/** A market at the speed of time closes a candle every five minutes; a sample may be a minute late, ms. */
const STEP_MS = timeframeMs('5m');
const MAX_PAUSE_MS = STEP_MS + 120_000;
/** A faster market: so many times the mean, and a reconnect on top, ms. */
const PAUSE_FACTOR = 3;
const PAUSE_EXTRA_MS = 30_000;

/** What a soak has shown, in the order in which it is told. */
export function judgeSoak(record: SoakRecord): readonly Criterion[] {
  return [
    ranToItsEnd(record),
    heartbeats(record),
    memoryGrowth(record),
    memoryPeak(record),
    lag(record),
    candles(record),
    progress(record),
    reconnects(record),
    tickers(record),
  ];
}

function ranToItsEnd({ endedBy, ranMs }: SoakRecord): Criterion {
  return {
    name: 'the stream ran',
    passed: endedBy === undefined,
    measured: endedBy === undefined ? formatSeconds(ranMs / 1000) : `it ended: ${endedBy}`,
    bound: 'to the end of the soak',
  };
}

function heartbeats({ samples }: SoakRecord): Criterion {
  const silent = samples.filter(({ beating }) => !beating).length;
  const allowed = Math.max(1, Math.floor(samples.length * SILENT_SHARE));
  return {
    name: 'heartbeats',
    passed: silent <= allowed,
    measured: `${formatCount(silent)} of ${plural(samples.length, 'sample')} without a running activity`,
    bound: `at most ${formatCount(allowed)}`,
  };
}

function memoryGrowth({ samples }: SoakRecord): Criterion {
  const half = samples.slice(Math.floor(samples.length / 2));
  const points = half.flatMap((sample) => {
    const rssBytes = figuresOf(sample)?.rssBytes;
    return rssBytes === undefined ? [] : [{ x: sample.atMs / HOUR_MS, y: rssBytes / MEGABYTE }];
  });
  const perHour = robustSlope(points);
  const rise = perHour * ((points.at(-1)?.x ?? NaN) - (points[0]?.x ?? NaN));
  return {
    name: 'memory growth',
    passed: perHour <= GROWTH_MB_PER_HOUR || rise <= RISE_MB,
    measured: `${tenths(perHour)} MB an hour, ${tenths(rise)} MB over the second half`,
    bound: `at most ${GROWTH_MB_PER_HOUR} MB an hour, or ${RISE_MB} MB in all`,
  };
}

function memoryPeak({ samples }: SoakRecord): Criterion {
  const peak = Math.max(0, ...samples.map((sample) => figuresOf(sample)?.rssBytes ?? 0));
  return {
    name: 'memory peak',
    passed: peak > 0 && peak <= PEAK_MB * MEGABYTE,
    measured: `${(peak / MEGABYTE).toFixed(0)} MB`,
    bound: `at most ${PEAK_MB} MB`,
  };
}

function lag({ samples }: SoakRecord): Criterion {
  const values = samples.flatMap((sample) => figuresOf(sample)?.lagMs?.p99 ?? []);
  const value = quantile(values, LAG_SHARE);
  return {
    name: 'lag p99',
    passed: value <= LAG_P99_MS,
    measured: `${tenths(value)} ms (median ${tenths(quantile(values, 0.5))} ms, worst ${tenths(Math.max(...values))} ms)`,
    bound: `at most ${formatCount(LAG_P99_MS)} ms in ${LAG_SHARE * 100} % of the samples`,
  };
}

function candles({ series }: SoakRecord): Criterion {
  const closed = sum(series, 'closed');
  const missing = sum(series, 'missing');
  const explained = sum(series, 'explained');
  return {
    name: 'candles',
    passed: closed > 0 && missing === 0,
    measured:
      series === undefined
        ? 'the database did not answer'
        : `${formatCount(closed - missing)} of ${plural(closed, 'candle')} that closed, ${formatCount(explained)} of them explained`,
    bound: 'every one is stored or explained',
  };
}

function progress(record: SoakRecord): Criterion {
  const pauseMs = longestPauseMs(record);
  const steps = stepsOf(record);
  const meanMs = steps === 0 ? Infinity : record.ranMs / steps;
  const allowedMs = Math.min(MAX_PAUSE_MS, PAUSE_FACTOR * meanMs + PAUSE_EXTRA_MS);
  return {
    name: 'new candles',
    passed: steps > 0 && pauseMs <= allowedMs,
    measured:
      steps === 0
        ? 'none closed: a soak must be longer than a candle of five minutes'
        : `longest pause ${formatSeconds(pauseMs / 1000)}`,
    bound: `at most ${formatSeconds(allowedMs / 1000)}`,
  };
}

/** How many five-minute candles closed. */
function stepsOf({ samples }: SoakRecord): number {
  const newest = samples.flatMap(({ candles: seen }) => seen?.newestMs ?? []);
  return Math.round(((newest.at(-1) ?? 0) - (newest[0] ?? 0)) / STEP_MS);
}

/** Longest time in which the database saw no newer candle. */
function longestPauseMs({ samples, ranMs }: SoakRecord): number {
  let newestMs = -Infinity;
  let sinceMs = 0;
  let longestMs = 0;
  for (const { atMs, candles: seen } of samples) {
    longestMs = Math.max(longestMs, atMs - sinceMs);
    if (seen?.newestMs === undefined || seen.newestMs <= newestMs) continue;
    newestMs = seen.newestMs;
    sinceMs = atMs;
  }
  return Math.max(longestMs, ranMs - sinceMs);
}

function reconnects({ samples }: SoakRecord): Criterion {
  const count = total(samples, 'reconnects');
  const last = samples.at(-1);
  const word = last === undefined ? 'unknown' : streamWord(last.standing);
  return {
    name: 'reconnects',
    passed: last !== undefined && isLive(last),
    measured: `${plural(count, 'reconnect')}, ${word} at the end`,
    bound: 'all recovered: live at the end',
  };
}

/** Every connection has data, and the one who says so is there. */
export function isLive(sample: SoakSample): boolean {
  return sample.beating && figuresOf(sample)?.state === 'live';
}

/** Only what was dropped between two samples between which Redis never went away counts. */
function tickers({ samples }: SoakRecord): Criterion {
  const drops = rises(samples, 'tickersDropped');
  const counted = drops.filter((_, i) => redisWasThere(samples[i - 1], samples[i]));
  const dropped = counted.reduce((all, drop) => all + drop, 0);
  const all = total(samples, 'tickersDropped');
  return {
    name: 'tickers dropped',
    passed: dropped === 0,
    measured: `${formatCount(dropped)}, and ${formatCount(all - dropped)} while Redis was away`,
    bound: 'none while Redis was there',
  };
}

function redisWasThere(before: SoakSample | undefined, now: SoakSample | undefined): boolean {
  if (before?.redisUpSeconds === undefined || now?.redisUpSeconds === undefined) return false;
  return now.redisUpSeconds >= before.redisUpSeconds;
}

function sum(
  series: readonly SeriesTally[] | undefined,
  field: 'closed' | 'missing' | 'explained',
): number {
  return (series ?? []).reduce((all, each) => all + each[field], 0);
}

/** `-` where nothing was measured. */
function tenths(value: number): string {
  return Number.isFinite(value) ? value.toFixed(1) : '-';
}
