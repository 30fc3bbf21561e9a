import type { SeriesState } from '../../domain/stores.js';
import type { TimeRange } from '../../domain/time-range.js';
import type { Timeframe } from '../../domain/timeframe.js';
import { SqlCandleStore, type SqlCandleStoreOptions } from '../candle-store.js';
import type { Database } from '../database.js';
import { horizonOf, readRules } from './horizons.js';

/** Candles whose states know the horizon of the retention, so that nothing older is asked for. */
export class ClippedCandleStore extends SqlCandleStore {
  readonly #database: Database;

  constructor(options: SqlCandleStoreOptions) {
    super(options);
    this.#database = options.database;
  }

  override async seriesStates(
    symbols: readonly string[],
    timeframes: readonly Timeframe[],
    range: TimeRange,
  ): Promise<readonly SeriesState[]> {
    const [states, horizons] = await Promise.all([
      super.seriesStates(symbols, timeframes, range),
      readRules(this.#database),
    ]);
    return states.map((state) => {
      const horizonMs = horizonOf(horizons, state.timeframe);
      return horizonMs === undefined ? state : { ...state, horizonMs };
    });
  }
}
