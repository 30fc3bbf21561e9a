import { emptyCandles, type Candles } from '../../domain/candles.js';
import type { LiveCandle } from '../../domain/live-candle.js';
import type { Series } from '../../domain/series.js';
import { settlePage } from '../../domain/settle.js';
import type { FetchOrigin, StorePage } from '../../domain/stores.js';
import type { TimeRange } from '../../domain/time-range.js';
import { timeframeMs, type Timeframe } from '../../domain/timeframe.js';

/** Midnight, the first candle of most tests. */
export const DAY_MS = Date.UTC(2026, 0, 15);

export const SERIES: Series = { symbol: 'BTCUSDT', timeframe: '5m' };

export const ORIGIN: FetchOrigin = {
  source: 'rest',
  workflowId: 'backfill/bybit/BTCUSDT/5m/1d/BTCUSDT',
  runId: '0198c0de-0000-7000-8000-000000000001',
};

/** Open time of candle number `index` after DAY_MS. */
export function at(index: number, timeframe: Timeframe = '5m'): number {
  return DAY_MS + index * timeframeMs(timeframe);
}

/** From candle number `from` up to, not including, `to`. */
export function span(from: number, to: number): TimeRange {
  return { fromMs: at(from), toMs: at(to) };
}

/** Candles with these numbers; `version` and `more` volume make their values differ. */
export function candlesAt(
  indexes: readonly number[],
  timeframe: Timeframe = '5m',
  version = 0,
  more = 0,
): Candles {
  const candles = emptyCandles(indexes.length);
  indexes.forEach((index, i) => {
    candles.openTimeMs[i] = at(index, timeframe);
    candles.open[i] = 100 + index;
    candles.high[i] = 110.5 + index;
    candles.low[i] = 90.25 + index;
    candles.close[i] = 101 + index + version / 8;
    candles.volume[i] = 0.1 * index + more;
    candles.turnover[i] = index % 3 === 0 ? Number.NaN : index * 1e5;
  });
  return candles;
}

export interface PageOptions {
  readonly series?: Series;
  readonly origin?: FetchOrigin;
  readonly startsOnFirstDay?: boolean;
  /** Numbers of candles whose prices the venue left empty. */
  readonly skipped?: readonly number[];
  /** Candle that is open by the venue's clock; default: all of the window are closed. */
  readonly openIndex?: number;
  readonly version?: number;
  /** Volume more than usual. */
  readonly more?: number;
}

/** A page of the window [from, to) in candle numbers, in which the venue had those of `rows`. */
export function pageOf(
  from: number,
  to: number,
  rows: readonly number[],
  options: PageOptions = {},
): StorePage {
  const series = options.series ?? SERIES;
  const { timeframe } = series;
  const venueTimeMs =
    options.openIndex === undefined
      ? at(to, timeframe) + timeframeMs(timeframe)
      : at(options.openIndex, timeframe) + 60_000;
  const page = settlePage(
    {
      window: { fromMs: at(from, timeframe), toMs: at(to, timeframe) },
      venueTimeMs,
      candles: candlesAt(rows, timeframe, options.version, options.more),
      skippedMs: (options.skipped ?? []).map((index) => at(index, timeframe)),
    },
    timeframe,
  );
  return {
    series,
    page,
    origin: options.origin ?? ORIGIN,
    startsOnFirstDay: options.startsOnFirstDay ?? false,
  };
}

/** Candle number `index` as the stream tells it. */
export function liveCandle(
  index: number,
  options: Pick<PageOptions, 'series' | 'version' | 'more'> = {},
): LiveCandle {
  const series = options.series ?? SERIES;
  const openTimeMs = at(index, series.timeframe);
  const closeMs = openTimeMs + timeframeMs(series.timeframe);
  return {
    ...series,
    openTimeMs,
    open: 100 + index,
    high: 110.5 + index,
    low: 90.25 + index,
    close: 101 + index + (options.version ?? 0) / 8,
    volume: 0.1 * index + (options.more ?? 0),
    turnover: index % 3 === 0 ? Number.NaN : index * 1e5,
    venueTimeMs: closeMs + 10,
    receivedAtMs: closeMs + 20,
  };
}

/** The numbers from `from` up to, not including, `to`. */
export function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
