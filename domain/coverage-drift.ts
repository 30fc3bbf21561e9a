import type { GapKind } from './gap.js';
import type { Series } from './series.js';
import {
  intersect,
  normalise,
  subtract,
  totalMs,
  type TimeRange,
  type TimeRanges,
} from './time-range.js';
import { timeframeMs, openTimeMs } from './timeframe.js';
import type { Check, Violation } from './verify.js';

/** Where candles are said to be missing. */
export interface OpenGap extends TimeRange {
  readonly kind: GapKind;
}

/** What is recorded of a series. */
export interface SeriesRecord extends Series {
  readonly covered: TimeRanges;
  /** Open gaps by begin; they may overlap by mistake. */
  readonly gaps: readonly OpenGap[];
  readonly candles: number;
  readonly firstCandleMs: number | undefined;
  /** Open time of the candle that was last stored while still open. */
  readonly openCandleMs: number | undefined;
}

/**
 * Compares what is recorded of a series with its rows. Each fault is told once: what is deduced from
 * the record alone (the number of candles, the first of them) is compared with the record alone.
 *
 * @param rows spans of the stored rows on the grid, open candles too
 * @param reachedMs a moment that the exchange's clock is known to have reached
 */
export function coverageDrift(
  record: SeriesRecord,
  rows: TimeRanges,
  reachedMs: number,
): Violation[] {
  const missing = normalise(record.gaps);
  const claimed = subtract(record.covered, missing);
  const extra = subtract(subtract(subtract(rows, record.covered), missing), openSpan(record));
  const notBegunMs = openTimeMs(record.timeframe, reachedMs) + timeframeMs(record.timeframe);
  const future = [{ fromMs: notBegunMs, toMs: Infinity }];
  const drift = new Drift(record);
  drift.spans('missing_row', subtract(claimed, rows), 'stored', 'no row');
  drift.spans('uncovered_row', subtract(extra, future), 'covered', 'a row outside coverage');
  drift.spans('future_row', intersect(extra, future), 'no row yet', 'a row in the future');
  drift.spans('gap_over_row', intersect(rows, missing), 'no row in a gap', 'a row in an open gap');
  drift.spans('gap_not_covered', subtract(missing, record.covered), 'covered', 'a gap alone');
  drift.spans('gap_overlap', overlaps(record.gaps), 'one gap', 'several open gaps');
  drift.candles(claimed);
  drift.firstCandle();
  return drift.violations;
}

/** Collects the violations of one series. */
class Drift {
  readonly violations: Violation[] = [];
  readonly #record: SeriesRecord;
  readonly #lengthMs: number;

  constructor(record: SeriesRecord) {
    this.#record = record;
    this.#lengthMs = timeframeMs(record.timeframe);
  }

  spans(check: Check, spans: TimeRanges, expected: string, found: string): void {
    for (const period of spans) this.#add(check, period, expected, found);
  }

  candles(claimed: TimeRanges): void {
    const counted = Math.round(totalMs(claimed) / this.#lengthMs);
    const { candles, covered } = this.#record;
    if (candles === counted) return;
    const period = { fromMs: covered[0]?.fromMs ?? 0, toMs: covered.at(-1)?.toMs ?? 0 };
    this.#add('candle_count', period, `${counted} candles`, `${candles} candles`);
  }

  firstCandle(): void {
    const foundMs = this.#record.firstCandleMs;
    const expectedMs = firstCandleMs(this.#record);
    if (foundMs === undefined || expectedMs === undefined || foundMs === expectedMs) return;
    const period = { fromMs: expectedMs, toMs: expectedMs + this.#lengthMs };
    this.#add('first_candle', period, isoOf(expectedMs), isoOf(foundMs));
  }

  #add(check: Check, period: TimeRange, expected: string, found: string): void {
    const { symbol, timeframe } = this.#record;
    this.violations.push({ symbol, timeframe, check, period, expected, found });
  }
}

/**
 * The first candle of the series' life as coverage and gaps have it; undefined where none is recorded.
 * What is recorded stays when retention has removed the days in which it lay.
 */
export function firstCandleMs({
  covered,
  gaps,
  firstCandleMs: recordedMs,
}: Pick<SeriesRecord, 'covered' | 'gaps' | 'firstCandleMs'>): number | undefined {
  if (recordedMs === undefined) return undefined;
  const outside = gaps.filter(({ kind }) => kind === 'before_listing');
  const firstMs = subtract(covered, normalise(outside))[0]?.fromMs;
  if (firstMs === undefined) return recordedMs;
  const dayMs = openTimeMs('1d', recordedMs);
  const day = [{ fromMs: dayMs, toMs: dayMs + timeframeMs('1d') }];
  const isGone = recordedMs < firstMs && intersect(day, covered).length === 0;
  return isGone ? recordedMs : firstMs;
}

function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** The one row that may lie outside of coverage. */
function openSpan({ timeframe, openCandleMs }: SeriesRecord): TimeRanges {
  if (openCandleMs === undefined) return [];
  return [{ fromMs: openCandleMs, toMs: openCandleMs + timeframeMs(timeframe) }];
}

/** What more than one of these ranges holds. @param ranges by begin */
function overlaps(ranges: readonly TimeRange[]): TimeRanges {
  const twice: TimeRange[] = [];
  let reachedMs = -Infinity;
  for (const { fromMs, toMs } of ranges) {
    if (fromMs < reachedMs) twice.push({ fromMs, toMs: Math.min(toMs, reachedMs) });
    reachedMs = Math.max(reachedMs, toMs);
  }
  return normalise(twice);
}
