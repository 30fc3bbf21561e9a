import { expect } from 'vitest';
import type { Series } from '../../domain/series.js';
import type { Database } from '../../storage/database.js';
import { at } from './pages.js';
import { broken, readStored } from './stored.js';

/**
 * Fails unless of each series exactly these closed candles are stored, and the invariant holds.
 *
 * @param seen numbers of the candles that some writer stored as closed
 * @returns how many they are
 */
export async function expectExactly(
  database: Database,
  seen: ReadonlyMap<Series, ReadonlySet<number>>,
): Promise<number> {
  let stored = 0;
  for (const [series, indexes] of seen) {
    const state = await readStored(database, series);
    expect(broken(state, series)).toEqual([]);
    const closed = [...indexes].map((index) => at(index, series.timeframe)).sort((a, b) => a - b);
    const covered = state.rowsMs.filter((timeMs) =>
      state.covered.some(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs),
    );
    expect(covered).toEqual(closed);
    stored += state.candles;
  }
  return stored;
}

export async function expectNoDeadlock(database: Database): Promise<void> {
  const { rows } = await database.query(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  );
  expect(rows).toEqual([{ deadlocks: 0 }]);
}
