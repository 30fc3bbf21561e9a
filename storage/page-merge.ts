import { sliceCandles, type Candles } from '../domain/candles.js';
import { rowSpans } from '../domain/settle.js';
import { normalise, subtract, type TimeRanges } from '../domain/time-range.js';
import { candlesFrom, candleValues, OHLCV_COLUMNS, REPLACE_CHANGED } from './candle-columns.js';
import type { Database } from './database.js';
import { gapChanges } from './gap-changes.js';
import type { GapRow } from './gap-rows.js';
import { firstCandleMs, type PageOfSeries } from './page-of-series.js';
import { lockSeries, openGaps, writeSettlement } from './settlement.js';

/**
 * In the order of the key, as in every writer, so that two writers can never wait for each other.
 * Rows that are there already and equal are not written again. Looking for them first would cost less
 * where all are equal, but hangs on the planner's choice of an index; this cannot go wrong.
 */
const UPSERT = {
  name: 'm1_rows',
  text: `insert into ohlcv (${OHLCV_COLUMNS})
    select $1::varchar, $2::varchar, r.* from ${candlesFrom(3, 'r')}
    ${REPLACE_CHANGED}`,
};

/** Thrown inside a merge when a candle that this page saw open was closed by somebody meanwhile. */
class OpenCandleOvertaken extends Error {
  override readonly name = 'OpenCandleOvertaken';
}

/**
 * Stores a page of a window that overlaps what is settled already.
 *
 * @returns closed candles that were not stored before
 */
export async function mergePage(database: Database, page: PageOfSeries): Promise<number> {
  const { open } = page.facts.page;
  try {
    return await merge(database, page, { open, dropped: false });
  } catch (error) {
    if (!(error instanceof OpenCandleOvertaken)) throw error;
    return await merge(database, page, { open: sliceCandles(open, 0, 0), dropped: true });
  }
}

/** The rows of open candles to store, and whether the page had some that must not be. */
interface OpenRows {
  readonly open: Candles;
  readonly dropped: boolean;
}

async function merge(
  database: Database,
  { series, facts }: PageOfSeries,
  { open, dropped }: OpenRows,
): Promise<number> {
  const { page, origin, nowMs } = facts;
  return database.transaction(async (transaction) => {
    const { name, text } = UPSERT;
    const rows = candleValues(joined(page.closed, open));
    await transaction.query(text, [series.symbol, series.timeframe, ...rows], { name });
    const covered = await lockSeries(transaction, series, page.window);
    if (touches(open, covered)) throw new OpenCandleOvertaken();
    const gaps = await openGaps(transaction, series, page.window);
    const { updates, inserts, added } = gapChanges(facts, covered, gaps);
    await writeSettlement(transaction, series, {
      settled: page.settled,
      added,
      updates,
      inserts,
      stale: dropped ? openSpans(gaps, page.closed, facts.lengthMs) : [],
      firstCandleMs: firstCandleMs(facts),
      openCandleMs: open.openTimeMs.at(-1),
      fetch: { period: page.window, origin, askedAtMs: nowMs, rows: page.closed.openTimeMs.length },
    });
    return added;
  });
}

function touches(candles: Candles, covered: TimeRanges): boolean {
  return candles.openTimeMs.some((timeMs) =>
    covered.some(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs),
  );
}

/** What of these gaps the rows do not fill. */
function openSpans(gaps: readonly GapRow[], rows: Candles, lengthMs: number): TimeRanges {
  return subtract(normalise(gaps.map(({ period }) => period)), rowSpans(rows.openTimeMs, lengthMs));
}

/** The closed rows, then the open ones. */
function joined(closed: Candles, open: Candles): Candles {
  if (open.openTimeMs.length === 0) return closed;
  const join = (column: keyof Candles): Float64Array =>
    Float64Array.of(...closed[column], ...open[column]);
  return {
    openTimeMs: join('openTimeMs'),
    open: join('open'),
    high: join('high'),
    low: join('low'),
    close: join('close'),
    volume: join('volume'),
    turnover: join('turnover'),
  };
}
