import type { FailedSeries } from './backfill.js';
import type { SeriesState } from './stores.js';
import type { StreamPairs } from './stream.js';
import { PAGE_CANDLES, pageWindows } from './page.js';
import type { Series } from './series.js';
import { closedUntilMs } from './settle.js';
import {
  intersect,
  normalise,
  subtract,
  union,
  type TimeRange,
  type TimeRanges,
} from './time-range.js';
import { timeframeMs, type Timeframe } from './timeframe.js';

/** Candles that every sync reads again: the venue may amend them after their close. */
export const AMENDABLE_CANDLES = 3;

/** History of a pair that is new to the set when nobody said how much, days. */
export const NEWCOMER_DAYS = 90;

/** Id of the Schedule that keeps one timeframe. */
export function syncScheduleId(timeframe: Timeframe): string {
  return `sync/bybit/${timeframe}`;
}

export const SYNC_WORKFLOW_TYPE = 'syncWorkflow';

/** Which pairs are kept, and how. */
export interface SyncSet {
  readonly pairs: StreamPairs;
  /** History that a pair gets which is new to the set, days. */
  readonly days: number;
  /** The running stream follows the set too. */
  readonly withStream: boolean;
}

/** The one argument of a run. */
export interface SyncRequest extends SyncSet {
  readonly timeframe: Timeframe;
}

/** What a run came to. */
export interface SyncResult {
  readonly status: 'done' | 'partial';
  /** Label of the venue, see `BYBIT_SOURCE`. */
  readonly source: string;
  readonly timeframe: Timeframe;
  /** The venue's clock when the run was planned, ms. */
  readonly venueTimeMs: number;
  readonly series: number;
  /** Closed candles stored that were not there before. */
  readonly candles: number;
  /** Stored candles that the venue had amended. */
  readonly revised: number;
  readonly requests: number;
  readonly seconds: number;
  /** The longest time that was missing at the new end of a series when the run began, ms. */
  readonly behindMs: number;
  /** From the newest settled candle of the series furthest behind, ms; undefined without a series. */
  readonly lagMs: number | undefined;
  readonly failed: readonly FailedSeries[];
  /** Named pairs that the venue does not list now. */
  readonly unlisted: readonly string[];
  /** Pairs whose series ends with their delisting: nothing more is asked of them. */
  readonly sealed: readonly string[];
}

/** What the activity of a run tells its workflow. */
export interface SyncOutcome {
  readonly result: SyncResult;
  /** Pairs of the set that need their history first. */
  readonly newcomers: readonly string[];
  /** What the stream should follow; undefined: it is left alone in this run. */
  readonly stream: StreamWish | undefined;
}

/** Pairs, and what they mean at this moment. */
export interface StreamWish {
  readonly pairs: StreamPairs;
  readonly symbols: readonly string[];
}

/** What is to be asked of a series that something is known of. */
export interface SyncTodo {
  readonly windows: readonly TimeRange[];
  /** What of them is not settled, or failed before. */
  readonly missing: TimeRanges;
  /** Unsettled time at its new end, ms. */
  readonly behindMs: number;
}

/**
 * What a sync asks of a series: all that is unsettled at its new end, what is unsettled within the
 * last page before it (a row that the venue gave without prices), what failed there in an earlier
 * sync, and its last closed candles again.
 *
 * @returns undefined when nothing is settled: such a series needs a backfill
 */
export function syncTodo(state: SeriesState, venueTimeMs: number): SyncTodo | undefined {
  const { timeframe, covered } = state;
  const [first, last] = [covered[0], covered.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const lengthMs = timeframeMs(timeframe);
  const closedMs = closedUntilMs(timeframe, venueTimeMs);
  const pageMs = closedMs - PAGE_CANDLES * lengthMs;
  const beginMs = Math.max(first.fromMs, state.horizonMs ?? first.fromMs);
  const closedSince = (fromMs: number): TimeRanges =>
    normalise([{ fromMs: Math.max(beginMs, fromMs), toMs: closedMs }]);
  const wanted = closedSince(Math.min(last.toMs, pageMs));
  const missing = union(subtract(wanted, covered), intersect(wanted, state.failed));
  const again = closedSince(closedMs - AMENDABLE_CANDLES * lengthMs);
  return {
    windows: pageWindows(union(missing, again), timeframe),
    missing,
    behindMs: Math.max(0, closedMs - (answeredUntilMs(state) ?? first.fromMs)),
  };
}

/** End of what is settled and not due to be asked again, ms; undefined: there is nothing. */
export function answeredUntilMs({ covered, due }: SeriesState): number | undefined {
  return subtract(covered, due).at(-1)?.toMs;
}

/** The end of a series that the venue no longer lists. */
export interface DelistedSeries extends Series {
  /** End of all that is settled, ms. */
  readonly endMs: number;
}

/** The pairs that are followed now, and the ends of those that left the venue. */
export interface FollowedStore {
  /** Replaces the set; a pair that stays keeps its begin. */
  follow(symbols: readonly string[]): Promise<void>;
  /** Those of `symbols` whose history no backfill has looked for yet. */
  neverProbed(symbols: readonly string[]): Promise<readonly string[]>;
  /** Series of pairs that are no longer listed, whose end is not settled as their delisting. */
  unsealed(timeframe: Timeframe): Promise<readonly DelistedSeries[]>;
  /**
   * A pair that is listed again: the time since its delisting becomes a hole as any other, due at
   * once.
   *
   * @returns gaps that are due now
   */
  reopenRelisted(timeframe: Timeframe): Promise<number>;
}
