import type { Gap } from './gap.js';
import { PAGE_CANDLES, pageWindows } from './page.js';
import type { Series } from './series.js';
import { normalise, type TimeRange } from './time-range.js';
import { timeframeMs, type Timeframe } from './timeframe.js';

/** What a run of the repair has done. */
export interface RepairCounts {
  /** Pages asked for. */
  readonly requests: number;
  /** Candles stored that were missing. */
  readonly candles: number;
  /** Gaps that were due. */
  readonly gaps: number;
}

/** What a run of the repair has done, and what is left for later ones. */
export interface RepairRun extends RepairCounts {
  /** Label of the venue, see `BYBIT_SOURCE`; runs of before it was told lack it. */
  readonly source?: string;
  /** Open gaps that are to be asked for again. */
  readonly waiting: number;
  /** Until the first of them is due, ms; undefined: none ever will be. */
  readonly dueInMs?: number;
}

export const NO_REPAIRS: RepairCounts = { requests: 0, candles: 0, gaps: 0 };

export function addRepairs(a: RepairCounts, b: RepairCounts): RepairCounts {
  return {
    requests: a.requests + b.requests,
    candles: a.candles + b.candles,
    gaps: a.gaps + b.gaps,
  };
}

/** One page of the repair. */
export interface RepairPage {
  readonly series: Series;
  /** What it settles. */
  readonly window: TimeRange;
  /**
   * What is asked for: a candle more on either side where the page has room, because an answer with
   * rows around a hole tells a hole from an answer that came back empty.
   */
  readonly asked: TimeRange;
  readonly gaps: readonly Gap[];
}

/** The pages that ask for every one of the gaps; neighbours of a series share a page. */
export function repairPages(gaps: readonly Gap[]): RepairPage[] {
  const bySeries = new Map<string, { series: Series; gaps: Gap[] }>();
  for (const gap of gaps) {
    const { symbol, timeframe } = gap;
    const key = `${symbol} ${timeframe}`;
    const entry = bySeries.get(key) ?? { series: { symbol, timeframe }, gaps: [] };
    entry.gaps.push(gap);
    bySeries.set(key, entry);
  }
  return [...bySeries.values()].flatMap((entry) => pagesOfSeries(entry.series, entry.gaps));
}

function pagesOfSeries(series: Series, gaps: readonly Gap[]): RepairPage[] {
  const { timeframe } = series;
  const sorted = gaps.toSorted((a, b) => a.period.fromMs - b.period.fromMs);
  const windows = pageWindows(normalise(sorted.map(({ period }) => period)), timeframe);
  const within = windows.map((): Gap[] => []);
  let first = 0;
  for (const gap of sorted) {
    const { fromMs, toMs } = gap.period;
    while ((windows[first]?.toMs ?? Infinity) <= fromMs) first++;
    for (let at = first; (windows[at]?.fromMs ?? Infinity) < toMs; at++) within[at]?.push(gap);
  }
  return windows.map((window, at) => ({
    series,
    window,
    asked: widened(window, timeframe),
    gaps: within[at] ?? [],
  }));
}

function widened({ fromMs, toMs }: TimeRange, timeframe: Timeframe): TimeRange {
  const lengthMs = timeframeMs(timeframe);
  const room = PAGE_CANDLES - (toMs - fromMs) / lengthMs;
  return {
    fromMs: room >= 1 ? fromMs - lengthMs : fromMs,
    toMs: room >= 2 ? toMs + lengthMs : toMs,
  };
}
