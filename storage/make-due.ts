import type { GapKind } from '../domain/gap.js';
import type { Series } from '../domain/series.js';
import type { TimeRange } from '../domain/time-range.js';
import type { Timeframe } from '../domain/timeframe.js';
import type { Database, Queryable } from './database.js';
import { msOf, range as rangeText, timestamp } from './encode.js';

/** Which open gaps to ask for again; what is absent matches all. */
export interface DueFilter {
  readonly symbols?: readonly string[] | undefined;
  readonly timeframes?: readonly Timeframe[] | undefined;
  readonly kinds: readonly GapKind[];
  /** Gaps that overlap it. */
  readonly range?: TimeRange | undefined;
}

/** A gap that has been made due. */
export interface DueGap extends Series {
  readonly period: TimeRange;
}

const CHOSEN = `closed_at is null and kind = any($3::text[])
  and ($1::varchar[] is null or symbol = any($1))
  and ($2::varchar[] is null or timeframe = any($2))
  and ($4::tstzrange is null or period && $4)`;

/** In the order of every writer of several series. */
const LOCK = `select from coverage c
  where (c.symbol, c.timeframe) in (select symbol, timeframe from gap where ${CHOSEN})
  order by c.symbol collate "C", c.timeframe collate "C" for update`;

/** What was proved keeps its kind: the next answer that lacks it says nothing new. */
const MAKE_DUE = `update gap set next_ask = $5::timestamptz
  where ${CHOSEN}
  returning symbol, timeframe, ${msOf('lower(period)')} as from_ms, ${msOf('upper(period)')} as to_ms`;

interface DueColumns extends Series {
  readonly from_ms: number;
  readonly to_ms: number;
}

/** Makes open gaps due now, in one transaction. */
export async function makeDue(
  database: Database,
  { symbols, timeframes, kinds, range }: DueFilter,
  nowMs: number,
): Promise<DueGap[]> {
  const values = [
    symbols === undefined ? null : [...symbols],
    timeframes === undefined ? null : [...timeframes],
    [...kinds],
    range === undefined ? null : rangeText(range),
  ];
  return database.transaction(async (transaction) => {
    await transaction.query(LOCK, values);
    const { rows } = await transaction.query<DueColumns>(MAKE_DUE, [...values, timestamp(nowMs)]);
    return rows.map(({ symbol, timeframe, from_ms: fromMs, to_ms: toMs }) => ({
      ...{ symbol, timeframe },
      period: { fromMs, toMs },
    }));
  });
}

/** What is left of gaps that were made due. */
export interface LeftOpen extends DueGap {
  readonly kind: GapKind;
  readonly nextAskMs: number | undefined;
  /** An answer of the venue has lacked it since. */
  readonly answered: boolean;
}

const LEFT_OPEN = `select g.symbol, g.timeframe, g.kind, ${msOf('g.next_ask')} as next_ask_ms,
    ${msOf('lower(g.period * s.period)')} as from_ms, ${msOf('upper(g.period * s.period)')} as to_ms,
    coalesce(g.last_asked >= $2::timestamptz, false) as answered
  from jsonb_to_recordset($1::jsonb) as s (symbol varchar, timeframe varchar, period tstzrange)
  join gap g on g.symbol = s.symbol and g.timeframe = s.timeframe and g.closed_at is null
    and g.period && s.period and lower(g.period) < upper(s.period)
  order by g.symbol, m1_timeframe(g.timeframe), 5`;

interface LeftColumns extends DueColumns {
  readonly kind: GapKind;
  readonly next_ask_ms: number | null;
  readonly answered: boolean;
}

/**
 * The parts of these gaps that are still missing.
 *
 * @param madeDueMs when they were made due, local clock
 */
export async function readLeftOpen(
  database: Queryable,
  gaps: readonly DueGap[],
  madeDueMs: number,
): Promise<LeftOpen[]> {
  const spans = gaps.map(({ period, ...series }) => ({ ...series, period: rangeText(period) }));
  const values = [JSON.stringify(spans), timestamp(madeDueMs)];
  const { rows } = await database.query<LeftColumns>(LEFT_OPEN, values);
  return rows.map(({ symbol, timeframe, kind, answered, ...times }) => ({
    ...{ symbol, timeframe, kind, answered },
    period: { fromMs: times.from_ms, toMs: times.to_ms },
    nextAskMs: times.next_ask_ms ?? undefined,
  }));
}
