import { isEmpty } from '../domain/time-range.js';
import { candleValues, candlesFrom, OHLCV_COLUMNS, REPLACE_CHANGED } from './candle-columns.js';
import type { Queryable } from './database.js';
import { errorCode } from './database-failure.js';
import { multirange, nullableTimestamp, range, timestamp } from './encode.js';
import type { PageFacts } from './gap-answers.js';
import { newGaps } from './gap-changes.js';
import { gapsFrom, gapsJson, insertGaps } from './gap-rows.js';
import { firstCandleMs, type PageOfSeries } from './page-of-series.js';
import { deleteStale } from './stale-rows.js';

/** SQLSTATEs that mean: somebody stored a part of this window meanwhile. */
const OVERTAKEN = new Set(['23505', 'M1001']);

/*
 * One statement, so one round trip, one commit and no lock held between. Nothing of it is done when
 * coverage already knows a part of the window (`FRESH`), or when a row may be there that was stored
 * while its candle was open. What `FRESH` cannot see, because it happens at the same moment, the
 * unique key of the rows and m1_join_uncovered find, and abort the statement.
 *
 * Coverage is written last (its values wait for the counts of the rows), as in every writer: rows in
 * the order of their key, then coverage, so that two writers can never wait for each other.
 *
 * Most pages have neither holes nor an open candle, and are spared what these need.
 */
const FRESH = `not exists (
      select from coverage c
      where c.symbol = $1::varchar and c.timeframe = $2::varchar
        and (c.covered && $10::tstzrange or c.open_candle <@ $10::tstzrange))`;

/** Holes are no gaps where retention has removed the candles: the merge sees to that. */
const KEPT = `not exists (
      select from retention r
      where r.timeframe = $2::varchar and r.horizon > lower($10::tstzrange))`;

const ROWS = `rows as (
    insert into ohlcv (${OHLCV_COLUMNS})
    select $1::varchar, $2::varchar, r.* from ${candlesFrom(3, 'r')}
    where (select ok from fresh) returning 1)`;

const FETCH = `asked as (
    insert into "fetch" (symbol, timeframe, period, source, workflow_id, run_id, asked_at, rows, added)
    select $1::varchar, $2::varchar, $10::tstzrange, $12, $13, $14, $15::timestamptz, $16::int, $16::int
    where (select ok from fresh))`;

const HOLES = `stale as (${deleteStale(
  gapsFrom('$19', 's'),
  '(select ok from fresh)',
)} returning 1),
  holes as (${insertGaps('$19', '(select ok from fresh)')})`;

const OPEN_ROWS = `open_rows as (
    insert into ohlcv (${OHLCV_COLUMNS})
    select $1::varchar, $2::varchar, r.* from ${candlesFrom(20, 'r')}
    where (select ok from fresh) ${REPLACE_CHANGED} returning 1)`;

function statement(
  conditions: readonly string[],
  parts: readonly string[],
  waitsFor: readonly string[],
): string {
  const fresh = `fresh as materialized (select ${conditions.join(' and ')} as ok)`;
  const waits = waitsFor.map((name) => `+ 0 * (select count(*) from ${name})`).join(' ');
  return `with ${[fresh, ROWS, FETCH, ...parts].join(',\n  ')}
  insert into coverage (symbol, timeframe, covered, candles, first_candle, open_candle)
    select $1::varchar, $2::varchar, $11::tstzmultirange,
      (select count(*) from rows) ${waits}, $17::timestamptz, $18::timestamptz
    where (select ok from fresh)
  on conflict (symbol, timeframe) do update set
    covered = m1_join_uncovered(coverage.covered, excluded.covered, $10::tstzrange),
    candles = coverage.candles + excluded.candles,
    first_candle = least(coverage.first_candle, excluded.first_candle),
    open_candle = greatest(coverage.open_candle, excluded.open_candle)`;
}

const INSERT_ROWS = { name: 'm1_page', text: statement([FRESH], [], []) };
const INSERT_ALL = {
  name: 'm1_page_holes_open',
  text: statement([FRESH, KEPT], [HOLES, OPEN_ROWS], ['stale', 'open_rows']),
};

/**
 * Stores a page of a window of which nothing is stored yet.
 *
 * @returns closed candles stored, or undefined when the window overlaps something: nothing was
 * stored then, and the page must be merged
 */
export async function insertPage(
  database: Queryable,
  { series, facts }: PageOfSeries,
): Promise<number | undefined> {
  const { page } = facts;
  const plain = isEmpty(page.holes) && page.open.openTimeMs.length === 0;
  const { name, text } = plain ? INSERT_ROWS : INSERT_ALL;
  const holes = newGaps(facts, page.holes).map((gap) => ({ ...gap, ...series }));
  const values = [
    ...[series.symbol, series.timeframe],
    ...commonValues(facts),
    ...(plain ? [] : [gapsJson(holes), ...candleValues(page.open)]),
  ];
  try {
    const { count } = await database.query(text, values, { name });
    return count === 0 ? undefined : page.closed.openTimeMs.length;
  } catch (error) {
    if (OVERTAKEN.has(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** Parameters $3 to $18. */
function commonValues(facts: PageFacts): unknown[] {
  const { page, origin } = facts;
  return [
    ...candleValues(page.closed),
    range(page.window),
    multirange(page.settled),
    ...[origin.source, origin.workflowId, origin.runId],
    timestamp(facts.nowMs),
    page.closed.openTimeMs.length,
    nullableTimestamp(firstCandleMs(facts)),
    nullableTimestamp(page.open.openTimeMs.at(-1)),
  ];
}
