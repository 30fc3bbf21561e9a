import { sliceCandles, type Candles } from '../domain/candles.js';
import type { Series } from '../domain/series.js';
import { rowSpans, type SettledPage } from '../domain/settle.js';
import { isEmpty, normalise, subtract, type TimeRanges } from '../domain/time-range.js';
import { joinCandles } from './candle-arrays.js';
import { candlesFrom, candleValues, OHLCV_COLUMNS, REPLACE_CHANGED } from './candle-columns.js';
import type { Database, Queryable } from './database.js';
import { gapChanges, mayProve } from './gap-changes.js';
import type { GapRow } from './gap-rows.js';
import { readSurroundings } from './gap-surroundings.js';
import { firstCandleMs, type PageOfSeries } from './page-of-series.js';
import { keptOf } from './retention/kept.js';
import { lockSeries, openGaps, storedSpans, within, writeSettlement } from './settlement.js';

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

/**
 * Writes the rows of a page and locks those that it leaves alone, in the order of their key. What it
 * returns looks at them once more under the lock of the series, when it is known which candles
 * (`stored`) were stored as closed before.
 */
export type RowWriter<T> = (
  transaction: Queryable,
  series: Series,
  rows: Candles,
) => Promise<(stored: TimeRanges) => Promise<T>>;

/** What a merged page changed; `rows` is what its `RowWriter` found. */
export interface MergedPage<T> {
  /** Closed candles that were not stored before. */
  readonly added: number;
  readonly rows: T;
}

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
  const { added } = await mergePageBy(database, page, async (transaction, series, rows) => {
    const { name, text } = UPSERT;
    const values = [series.symbol, series.timeframe, ...candleValues(rows)];
    await transaction.query(text, values, { name });
    return () => Promise.resolve();
  });
  return added;
}

/** As `mergePage`, with another rule for rows that are there already. */
export async function mergePageBy<T>(
  database: Database,
  page: PageOfSeries,
  writeRows: RowWriter<T>,
): Promise<MergedPage<T>> {
  const { open } = page.facts.page;
  try {
    return await merge(database, page, writeRows, { open, dropped: false });
  } catch (error) {
    if (!(error instanceof OpenCandleOvertaken)) throw error;
    return await merge(database, page, writeRows, {
      open: sliceCandles(open, 0, 0),
      dropped: true,
    });
  }
}

/** The rows of open candles to store, and whether the page had some that must not be. */
interface OpenRows {
  readonly open: Candles;
  readonly dropped: boolean;
}

async function merge<T>(
  database: Database,
  { series, facts: told }: PageOfSeries,
  writeRows: RowWriter<T>,
  { open, dropped }: OpenRows,
): Promise<MergedPage<T>> {
  const { origin, nowMs } = told;
  const { closed, window } = told.page;
  return database.transaction(async (transaction) => {
    const judgeRows = await writeRows(transaction, series, joinCandles(closed, open));
    const covered = await lockSeries(transaction, series, window);
    if (touches(open, covered)) throw new OpenCandleOvertaken();
    const page = await withKeptHoles(transaction, series, told.page);
    const facts = { ...told, page };
    const gaps = await openGaps(transaction, series, window);
    const rows = await judgeRows(storedSpans(covered, gaps));
    const surroundings = mayProve(facts, gaps)
      ? await readSurroundings(transaction, series, window)
      : undefined;
    const { updates, inserts, added } = gapChanges(facts, covered, gaps, surroundings);
    await writeSettlement(transaction, series, {
      settled: page.settled,
      added,
      updates,
      inserts,
      stale: dropped ? openSpans(gaps, closed, facts.lengthMs) : [],
      firstCandleMs: firstCandleMs(facts),
      openCandleMs: open.openTimeMs.at(-1),
      fetch: { period: window, origin, askedAtMs: nowMs, rows: closed.openTimeMs.length },
    });
    return { added, rows };
  });
}

/** What retention has removed since the page was asked for is no hole. */
async function withKeptHoles(
  transaction: Queryable,
  series: Series,
  page: SettledPage,
): Promise<SettledPage> {
  if (isEmpty(page.holes)) return page;
  const holes = await keptOf(transaction, series, page.holes);
  return { ...page, holes, settled: subtract(page.settled, subtract(page.holes, holes)) };
}

function touches(candles: Candles, covered: TimeRanges): boolean {
  return candles.openTimeMs.some((timeMs) => within(covered, timeMs));
}

/** What of these gaps the rows do not fill. */
function openSpans(gaps: readonly GapRow[], rows: Candles, lengthMs: number): TimeRanges {
  return subtract(normalise(gaps.map(({ period }) => period)), rowSpans(rows.openTimeMs, lengthMs));
}
