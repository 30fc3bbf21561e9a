import { RetryNow } from '../../domain/failure.js';
import type { JudgedDay, OldDays } from '../../domain/retention.js';
import type { Series } from '../../domain/series.js';
import {
  intersect,
  normalise,
  subtract,
  totalMs,
  union,
  type TimeRange,
  type TimeRanges,
} from '../../domain/time-range.js';
import { timeframeMs } from '../../domain/timeframe.js';
import type { Database, Queryable } from '../database.js';
import { multirange, timestamp, timestampArray } from '../encode.js';
import { gapsJson, insertGaps, updateGaps, type GapDraft, type GapRow } from '../gap-rows.js';
import { lockSeries, openGaps, storedSpans } from '../settlement.js';
import { judgeDays } from './judge-days.js';
import { REMOVED_REASON } from './kept.js';

const DAY_MS = timeframeMs('1d');

const DELETE_ROWS = `delete from ohlcv o
  using unnest($3::timestamptz[], $4::timestamptz[]) as s ("from", "to")
  where o.symbol = $1 and o.timeframe = $2
    and o."timestamp" >= s."from" and o."timestamp" < s."to"
    and o."timestamp" >= $5::timestamptz and o."timestamp" < $6::timestamptz`;

/** The series' first candle is no longer known once it is removed. */
const UNCOVER = `update coverage set covered = covered - $3::tstzmultirange,
    candles = candles - $4,
    first_candle = case when not $3::tstzmultirange @> first_candle then first_candle end,
    open_candle = case when open_candle >= $5::timestamptz then open_candle end
  where symbol = $1 and timeframe = $2`;

/** A record goes with the last of its candles. */
const DELETE_FETCHES = `delete from "fetch" f using coverage c
  where f.symbol = $1 and f.timeframe = $2 and c.symbol = $1 and c.timeframe = $2
    and lower(f.period) < $3::timestamptz and upper(f.period) <= $4::timestamptz
    and not c.covered && f.period`;

/**
 * Removes the days that nothing holds, in one transaction: rows first and coverage after them, as
 * every writer does. The horizon stands already, so nobody stores rows of these days any more but
 * those who had passed it; what they commit before the lock is found by the second look.
 */
export async function removeDays(
  database: Database,
  days: OldDays,
  nowMs: number,
): Promise<readonly JudgedDay[]> {
  const { series, window, horizonMs } = days;
  return database.transaction(async (transaction) => {
    const judged = await judgeDays(transaction, days);
    const free = subtract([window], heldSpans(judged));
    await deleteRows(transaction, series, free);
    const covered = await lockSeries(transaction, series, window);
    if ((await deleteRows(transaction, series, free)) > 0) {
      throw new RetryNow(`${series.symbol} ${series.timeframe} was written while it was judged`);
    }
    const gaps = await openGaps(transaction, series, window);
    const removed = intersect(storedSpans(covered, gaps), free);
    const missing = intersect(normalise(gaps.map(({ period }) => period)), [window]);
    await transaction.query(UNCOVER, [
      ...[series.symbol, series.timeframe, multirange(union(removed, missing))],
      ...[totalMs(removed) / timeframeMs(series.timeframe), timestamp(horizonMs)],
    ]);
    await closeGaps(transaction, series, gaps, { window, nowMs });
    await transaction.query(DELETE_FETCHES, [
      ...[series.symbol, series.timeframe],
      ...[timestamp(window.toMs), timestamp(horizonMs)],
    ]);
    return judged;
  });
}

function heldSpans(judged: readonly JudgedDay[]): TimeRanges {
  return normalise(
    judged
      .filter(({ heldBy }) => heldBy !== undefined)
      .map(({ dayMs }) => ({ fromMs: dayMs, toMs: dayMs + DAY_MS })),
  );
}

/** @returns how many rows, of open candles too */
async function deleteRows(
  transaction: Queryable,
  { symbol, timeframe }: Series,
  spans: TimeRanges,
): Promise<number> {
  const [first, last] = [spans[0], spans.at(-1)];
  if (first === undefined || last === undefined) return 0;
  const { count } = await transaction.query(DELETE_ROWS, [
    ...[symbol, timeframe],
    timestampArray(Float64Array.from(spans, ({ fromMs }) => fromMs)),
    timestampArray(Float64Array.from(spans, ({ toMs }) => toMs)),
    ...[timestamp(first.fromMs), timestamp(last.toMs)],
  ]);
  return count;
}

/**
 * Closes what lies in the window of these open gaps; the rest of them stays open. Gaps of days that
 * are held go too: nobody shall ask the venue for candles that are to be removed.
 */
async function closeGaps(
  transaction: Queryable,
  series: Series,
  gaps: readonly GapRow[],
  { window, nowMs }: { readonly window: TimeRange; readonly nowMs: number },
): Promise<void> {
  if (gaps.length === 0) return;
  const updates = gaps.map((gap) => ({
    ...gap,
    ...series,
    period: intersect([gap.period], [window])[0] ?? gap.period,
    nextAskMs: undefined,
    closedAtMs: nowMs,
    reason: REMOVED_REASON,
  }));
  const inserts = gaps.flatMap((gap) =>
    subtract([gap.period], [window]).map((period): GapDraft & Series => ({
      ...gap,
      ...series,
      period,
    })),
  );
  await transaction.query(updateGaps('$1'), [gapsJson(updates)]);
  if (inserts.length > 0) await transaction.query(insertGaps('$1'), [gapsJson(inserts)]);
}
