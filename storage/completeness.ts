import type { GapKind } from '../domain/gap.js';
import type { Series } from '../domain/series.js';
import { intersect, normalise, subtract, totalMs, type TimeRange } from '../domain/time-range.js';
import { openTimeAtOrAfterMs, openTimeMs, timeframeMs } from '../domain/timeframe.js';
import type { Queryable } from './database.js';
import { msOf, range as rangeText } from './encode.js';

/** Kinds that the venue has proved, or that cannot be otherwise: nothing of them can be got. */
const PROVEN: ReadonlySet<MissingReason> = new Set<MissingReason>([
  'no_trades',
  'venue_outage',
  'before_listing',
  'after_delisting',
]);

export function isProven(reason: MissingReason): boolean {
  return PROVEN.has(reason);
}

/**
 * Why candles are not there: the kind of their gap, or
 * - `never_asked`: nobody has asked for them yet
 * - `removed`: `RETENTION` has removed them
 * - `lost`: they were stored, and somebody has deleted their rows
 * - `open`: the candle has begun and not ended
 * - `future`: it has not begun
 */
export type MissingReason = GapKind | 'never_asked' | 'removed' | 'lost' | 'open' | 'future';

export interface MissingSpan {
  readonly period: TimeRange;
  readonly reason: MissingReason;
}

/** What there is of one series in a range. */
export interface Completeness extends Series {
  /** Candles that lie wholly within the range. */
  readonly candles: number;
  readonly stored: number;
  /** In order of time; empty: complete. */
  readonly missing: readonly MissingSpan[];
}

export interface CompletenessQuestion {
  readonly series: Series;
  readonly range: TimeRange;
  /** A moment that the exchange's clock is known to have reached. */
  readonly reachedMs: number;
}

const PARTS = `select 'covered' as what, ${msOf('lower(part)')} as from_ms, ${msOf('upper(part)')} as to_ms
  from coverage c, unnest(c.covered * multirange($3::tstzrange)) as part
  where c.symbol = $1 and c.timeframe = $2
  union all
  select kind, ${msOf('lower(period * $3::tstzrange)')}, ${msOf('upper(period * $3::tstzrange)')}
  from gap where symbol = $1 and timeframe = $2 and closed_at is null and period && $3::tstzrange
  union all
  select 'removed', ${msOf('lower($3::tstzrange)')}, ${msOf('least(horizon, upper($3::tstzrange))')}
  from retention where timeframe = $2 and horizon > lower($3::tstzrange)
  union all
  select 'lost', ${msOf('lower(part)')}, ${msOf('upper(part)')}
  from coverage c, unnest(c.covered * multirange($3::tstzrange)
    - coalesce((select range_agg(period) from gap
        where symbol = $1 and timeframe = $2 and closed_at is null and period && $3::tstzrange), '{}')
    - coalesce((select range_agg(tstzrange("timestamp", "timestamp" + m1_timeframe($2))) from ohlcv
        where symbol = $1 and timeframe = $2
          and "timestamp" >= lower($3::tstzrange) and "timestamp" < upper($3::tstzrange)
          and date_bin(m1_timeframe($2), "timestamp", '1970-01-01 00:00:00+00') = "timestamp"),
      '{}')) as part
  where c.symbol = $1 and c.timeframe = $2`;

interface Part {
  readonly what: 'covered' | 'removed' | 'lost' | GapKind;
  readonly from_ms: number;
  readonly to_ms: number;
}

/**
 * What is missing of the candles that lie wholly within the range, and why. Nothing is exactly when
 * the SQL function m1_complete() is true.
 */
export async function readCompleteness(
  database: Queryable,
  { series, range, reachedMs }: CompletenessQuestion,
): Promise<Completeness> {
  const { symbol, timeframe } = series;
  const fromMs = openTimeAtOrAfterMs(timeframe, range.fromMs);
  const toMs = openTimeMs(timeframe, range.toMs);
  if (fromMs >= toMs) return { symbol, timeframe, candles: 0, stored: 0, missing: [] };
  const whole = { fromMs, toMs };
  const { rows } = await database.query<Part>(PARTS, [symbol, timeframe, rangeText(whole)]);
  const spans = rows.map(({ what, from_ms, to_ms }) => ({
    what,
    period: { fromMs: from_ms, toMs: to_ms },
  }));
  const periodsOf = (wanted: (what: Part['what']) => boolean) =>
    normalise(spans.filter(({ what }) => wanted(what)).map(({ period }) => period));
  const covered = periodsOf((what) => what === 'covered');
  const gaps = spans.flatMap(({ what, period }) =>
    what === 'covered' || what === 'removed' ? [] : [{ period, reason: what }],
  );
  const lengthMs = timeframeMs(timeframe);
  const listed = normalise(gaps.map(({ period }) => period));
  return {
    ...{ symbol, timeframe },
    candles: (toMs - fromMs) / lengthMs,
    stored: Math.round(totalMs(subtract(covered, listed)) / lengthMs),
    missing: [
      ...gaps.filter(({ reason }) => !isProven(reason)),
      ...unsettled(
        series,
        subtract([whole], covered),
        periodsOf((what) => what === 'removed'),
        reachedMs,
      ),
    ].sort((a, b) => a.period.fromMs - b.period.fromMs),
  };
}

/** Why nothing is recorded of spans. */
function unsettled(
  { timeframe }: Series,
  spans: readonly TimeRange[],
  removed: readonly TimeRange[],
  reachedMs: number,
): MissingSpan[] {
  const openMs = openTimeMs(timeframe, reachedMs);
  const futureMs = openMs + timeframeMs(timeframe);
  const past = intersect(spans, [{ fromMs: -Infinity, toMs: openMs }]);
  const because = (reason: MissingReason, periods: readonly TimeRange[]): MissingSpan[] =>
    periods.map((period) => ({ period, reason }));
  return [
    ...because('removed', intersect(past, removed)),
    ...because('never_asked', subtract(past, removed)),
    ...because('open', intersect(spans, [{ fromMs: openMs, toMs: futureMs }])),
    ...because('future', intersect(spans, [{ fromMs: futureMs, toMs: Infinity }])),
  ];
}
