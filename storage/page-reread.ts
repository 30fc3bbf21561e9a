import type { Candles } from '../domain/candles.js';
import type { Series } from '../domain/series.js';
import type { StoredReread } from '../domain/stores.js';
import { pickCandles, sameRows } from './candle-arrays.js';
import type { KeyedCandles } from './candle-columns.js';
import type { Database } from './database.js';
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

function keyed(series: Series, candles: Candles): KeyedCandles {
  return { series: Array.from(candles.openTimeMs, () => series), candles };
}
