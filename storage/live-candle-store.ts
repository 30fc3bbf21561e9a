import type { LiveCandle } from '../domain/live-candle.js';
import type { Series } from '../domain/series.js';
import type {
  FetchOrigin,
  LiveCandleStore,
  RereadPage,
  StoredLive,
  StoredReread,
} from '../domain/stores.js';
import { timeframeMs } from '../domain/timeframe.js';
import type { SqlCandleStoreOptions } from './candle-store.js';
import type { Database } from './database.js';
import { handOver } from './hand-over.js';
import { rereadPage } from './page-reread.js';
import { storeClosed } from './store-closed.js';

/** The live stream's candles in PostgreSQL or TimescaleDB. */
export class SqlLiveCandleStore implements LiveCandleStore {
  readonly #database: Database;
  readonly #reaskMs: readonly number[];
  readonly #now: () => number;

  constructor({ database, reaskMs, now = Date.now }: SqlCandleStoreOptions) {
    this.#database = database;
    this.#reaskMs = reaskMs;
    this.#now = now;
  }

  async storeClosed(candles: readonly LiveCandle[], origin: FetchOrigin): Promise<StoredLive> {
    if (candles.length === 0) return { added: [], revised: 0, gaps: 0 };
    return storeClosed(this.#database, candles, { origin, nowMs: this.#now() });
  }

  async handOver(
    series: readonly (Series & { readonly untilMs: number })[],
    origin: FetchOrigin,
  ): Promise<number> {
    if (series.length === 0) return 0;
    return handOver(this.#database, series, { origin, nowMs: this.#now() });
  }

  storeReread({ series, page, origin, confirmed }: RereadPage): Promise<StoredReread> {
    const facts = {
      ...{ page, origin, lengthMs: timeframeMs(series.timeframe), startsOnFirstDay: false },
      ...{ nowMs: this.#now(), reaskMs: this.#reaskMs },
    };
    return rereadPage(this.#database, { series, facts }, confirmed);
  }
}
