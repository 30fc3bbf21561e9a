import { PAGE_CANDLES } from './page.js';
import type { Series } from './series.js';
import { totalMs, type TimeRange, type TimeRanges } from './time-range.js';
import { timeframeMs } from './timeframe.js';

/** mulberry32: the same seed gives the same numbers in [0, 1) in each run. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** `count` of the series in random order; each is taken once before any is taken again. */
export function pickSeries(
  all: readonly Series[],
  count: number,
  random: () => number,
): readonly Series[] {
  const picked: Series[] = [];
  while (picked.length < count && all.length > 0) picked.push(...shuffled(all, random));
  return picked.slice(0, count);
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

/**
 * A window of at most a page around a random stored candle; each candle is as likely as any other.
 *
 * @returns undefined when nothing is stored
 */
export function pickWindow(
  { timeframe }: Series,
  stored: TimeRanges,
  random: () => number,
): TimeRange | undefined {
  const lengthMs = timeframeMs(timeframe);
  let restMs = Math.floor((random() * totalMs(stored)) / lengthMs) * lengthMs;
  for (const span of stored) {
    const spanMs = span.toMs - span.fromMs;
    if (restMs >= spanMs) {
      restMs -= spanMs;
      continue;
    }
    const pageMs = PAGE_CANDLES * lengthMs;
    const fromMs = Math.max(span.fromMs, Math.min(span.fromMs + restMs, span.toMs - pageMs));
    return { fromMs, toMs: Math.min(span.toMs, fromMs + pageMs) };
  }
  return undefined;
}
