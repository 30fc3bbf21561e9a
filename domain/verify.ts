import type { CandleValues } from './candles.js';
import type { Series } from './series.js';
import type { TimeRange, TimeRanges } from './time-range.js';
import type { Timeframe } from './timeframe.js';

/**
 * What may be wrong with stored data.
 * - `missing_row`: coverage says that candles are stored, and their rows are not there
 * - `uncovered_row`: rows that coverage does not know, besides the one candle that is still open
 * - `future_row`: the same, later than any moment that the exchange's clock is known to have reached
 * - `gap_over_row`: a row where an open gap says that there is none
 * - `gap_not_covered`: an open gap that coverage does not know
 * - `gap_overlap`: two open gaps over the same candles
 * - `gap_over_trades`: candles of which it is proved that there are none, and another timeframe traded
 * - `candle_count`, `first_candle`: what coverage counts and calls the first is not so
 * - `off_grid`, `prices`, `volume`: a row that no venue can have meant
 * - `roll_up`: a candle that is not the sum of its 5-minute candles
 * - `venue`: a stored candle that the exchange gives with other values, or not at all
 */
export const CHECKS = [
  'missing_row',
  'uncovered_row',
  'future_row',
  'gap_over_row',
  'gap_not_covered',
  'gap_overlap',
  'gap_over_trades',
  'candle_count',
  'first_candle',
  'off_grid',
  'prices',
  'volume',
  'roll_up',
  'venue',
] as const;

export type Check = (typeof CHECKS)[number];

/** Something that is wrong, for a person to read and for `--repair` to mend. */
export interface Violation extends Series {
  readonly check: Check;
  /** The candles concerned. For `candle_count` and `first_candle` no more than a place to look at. */
  readonly period: TimeRange;
  readonly expected: string;
  readonly found: string;
}

const VALUE_NAMES = ['open', 'high', 'low', 'close', 'volume', 'turnover'] as const;

/** The names under which two candles differ. */
export function differingValues(
  one: CandleValues,
  other: CandleValues,
): readonly (keyof CandleValues)[] {
  return VALUE_NAMES.filter((name) => !Object.is(one[name], other[name]));
}

/** `open 100.5, close 101`. */
export function valuesText(values: CandleValues, names: readonly (keyof CandleValues)[]): string {
  return names.map((name) => `${name} ${values[name] ?? 'none'}`).join(', ');
}

/** Which series to look at; what is absent means all. */
export interface SeriesFilter {
  readonly symbols?: readonly string[] | undefined;
  readonly timeframes?: readonly Timeframe[] | undefined;
}

/** Asks the exchange again for what is stored. */
export interface VenueCheckRequest extends SeriesFilter {
  /** Stretches to compare, each at most a page. */
  readonly stretches: number;
  /** The same seed takes the same stretches of the same data. */
  readonly seed: number;
}

/** What the exchange says to stored stretches. */
export interface VenueCheckResult {
  /** Label of the venue, see `BYBIT_SOURCE`; runs of before it was told lack it. */
  readonly source?: string;
  readonly stretches: number;
  readonly candles: number;
  readonly requests: number;
  /** Candles that differ. At most `MAX_DIFFERENCES` of them are listed in `differences`. */
  readonly different: number;
  readonly differences: readonly Violation[];
  /**
   * Candles that differ and closed so lately that the exchange may still amend them: the next reading
   * of a sync corrects them.
   */
  readonly amended: number;
  /** Series that the exchange did not answer for, with its reason. */
  readonly unanswered: readonly (Series & { readonly reason: string })[];
}

/** Differences travel through Temporal, which takes no large messages. */
export const MAX_DIFFERENCES = 2_000;

/** One comparison with the exchange is one run. */
export function verifyWorkflowId({ stretches, seed }: VenueCheckRequest): string {
  return `verify/bybit/${stretches}-${seed}`;
}

/** Part of a series whose candles are all stored. */
export interface Stretch {
  readonly series: Series;
  /** At most a page. */
  readonly window: TimeRange;
}

export interface TimedCandle extends CandleValues {
  /** Open time, ms. */
  readonly timeMs: number;
}

/** Reads what is stored, for a comparison. */
export interface StoredStretches {
  /** Series that have stored candles, by name. */
  series(filter: SeriesFilter): Promise<readonly Series[]>;
  /** Where closed candles of a series are stored. */
  spans(series: Series): Promise<TimeRanges>;
  /** The closed candles of a window, by time. */
  candles(stretch: Stretch): Promise<readonly TimedCandle[]>;
}
