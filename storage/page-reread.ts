import { emptyCandles, type Candles } from '../domain/candles.js';
import type { Series } from '../domain/series.js';
import type { StoredReread } from '../domain/stores.js';
import { isEmpty } from '../domain/time-range.js';
import { pickCandles, sameRows } from './candle-arrays.js';
import { candlesFrom, candleValues, differ, type KeyedCandles } from './candle-columns.js';
import type { Database, Queryable } from './database.js';
import { multirange } from './encode.js';
import { replaceOpen, storedDifferently, writeGuarded } from './guarded-rows.js';
import { mergePageBy } from './page-merge.js';
import type { PageOfSeries } from './page-of-series.js';
import { within } from './settlement.js';

/**
 * Stores a page whose answer may know less than what is stored: a closed candle is replaced only by
 * a row with at least its volume, or one that `confirmed` has too.
 */
export async function rereadPage(
  database: Database,
  page: PageOfSeries,
  confirmed: Candles | undefined,
): Promise<StoredReread> {
  const { closed } = page.facts.page;
  if (await isStoredAlready(database, page)) return { addedMs: [], revised: 0, doubted: NONE };
  const { rows } = await mergePageBy(database, page, async (transaction, series, all) => {
    const sure = confirmed === undefined ? undefined : sameRows(closed, confirmed);
    const written = await writeGuarded(transaction, keyed(series, all), sure);
    const pick = (wanted: (timeMs: number) => boolean): Candles => pickCandles(closed, wanted);
    const isWritten = (timeMs: number): boolean => written.has(series, timeMs);
    return async (stored): Promise<StoredReread> => {
      const isStored = (timeMs: number): boolean => within(stored, timeMs);
      const added = closed.openTimeMs.filter((timeMs) => !isStored(timeMs));
      const overOpen = pick((timeMs) => !isStored(timeMs) && !isWritten(timeMs));
      await replaceOpen(transaction, keyed(series, overOpen));
      const kept = pick((timeMs) => isStored(timeMs) && !isWritten(timeMs));
      const different = await storedDifferently(transaction, keyed(series, kept));
      return {
        addedMs: [...added],
        revised: closed.openTimeMs.length - added.length - kept.openTimeMs.length,
        doubted: pickCandles(kept, (timeMs) => different.has(series, timeMs)),
      };
    };
  });
  return rows;
}

const NONE = emptyCandles(0);

/** Where a row of a settled candle is missing or has other values. */
const UNLIKE = {
  name: 'm1_reread_unlike',
  text: `select 1 from ${candlesFrom(3, 'r')}
    left join ohlcv o on o.symbol = $1::varchar and o.timeframe = $2::varchar
      and o."timestamp" = r."timestamp"
    where o.symbol is null or ${differ('o', 'r')}
    union all
    select 1 where not exists (
      select from coverage c
      where c.symbol = $1::varchar and c.timeframe = $2::varchar
        and c.covered @> $10::tstzmultirange)
    limit 1`,
};

/**
 * Whether the page says nothing new, which is the rule: then nothing is written, not even that it was
 * asked, or every candle would leave a second record for ever.
 */
async function isStoredAlready(
  database: Queryable,
  { series, facts: { page } }: PageOfSeries,
): Promise<boolean> {
  if (!isEmpty(page.holes) || page.open.openTimeMs.length > 0 || isEmpty(page.settled))
    return false;
  const { name, text } = UNLIKE;
  const values = [series.symbol, series.timeframe, ...candleValues(page.closed)];
  const { rows } = await database.query(text, [...values, multirange(page.settled)], { name });
  return rows.length === 0;
}

function keyed(series: Series, candles: Candles): KeyedCandles {
  return { series: Array.from(candles.openTimeMs, () => series), candles };
}
