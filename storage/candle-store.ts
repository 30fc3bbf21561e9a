import type { Series } from '../domain/series.js';
import type {
  CandleStore,
  Failures,
  FetchOrigin,
  RunCounts,
  SeriesState,
  StoredPage,
  StorePage,
} from '../domain/stores.js';
import { isEmpty, type TimeRange, type TimeRanges } from '../domain/time-range.js';
import { timeframeMs, type Timeframe } from '../domain/timeframe.js';
import type { Database } from './database.js';
import { msOf } from './encode.js';
import { insertPage } from './page-insert.js';
import { mergePage } from './page-merge.js';
import type { PageOfSeries } from './page-of-series.js';
import { readSeriesStates } from './series-states.js';
import { settleAfterDelisting } from './settle-after-delisting.js';
import { settleBeforeListing, settleFailed } from './settle-without-rows.js';

export interface SqlCandleStoreOptions {
  readonly database: Database;
  /** Waits between the answers that prove a gap, ms, from `GAP_REASK`. */
  readonly reaskMs: readonly number[];
  /** Local clock, ms since 1970; default `Date.now`. */
  readonly now?: () => number;
}

/** Candles, coverage and gaps in PostgreSQL or TimescaleDB. */
export class SqlCandleStore implements CandleStore {
  readonly #database: Database;
  readonly #reaskMs: readonly number[];
  readonly #now: () => number;

  constructor({ database, reaskMs, now = Date.now }: SqlCandleStoreOptions) {
    this.#database = database;
    this.#reaskMs = reaskMs;
    this.#now = now;
  }

  seriesStates(
    symbols: readonly string[],
    timeframes: readonly Timeframe[],
    range: TimeRange,
  ): Promise<readonly SeriesState[]> {
    return readSeriesStates(this.#database, { symbols, timeframes, range, nowMs: this.#now() });
  }

  /** One statement where nothing of the window is settled yet, else one transaction that merges. */
  async storePage({ series, page, origin, startsOnFirstDay }: StorePage): Promise<StoredPage> {
    const pageOfSeries: PageOfSeries = {
      series,
      facts: {
        page,
        lengthMs: timeframeMs(series.timeframe),
        origin,
        startsOnFirstDay,
        nowMs: this.#now(),
        reaskMs: this.#reaskMs,
      },
    };
    const inserted = await insertPage(this.#database, pageOfSeries);
    return { added: inserted ?? (await mergePage(this.#database, pageOfSeries)) };
  }

  async settleBeforeListing(
    series: readonly Series[],
    range: TimeRange,
    origin: FetchOrigin,
  ): Promise<void> {
    if (series.length === 0 || range.fromMs >= range.toMs) return;
    await settleBeforeListing(this.#database, { series, range, origin, nowMs: this.#now() });
  }

  async settleAfterDelisting(
    series: readonly Series[],
    untilMs: number,
    origin: FetchOrigin,
  ): Promise<void> {
    if (series.length === 0) return;
    await settleAfterDelisting(this.#database, { series, untilMs, origin, nowMs: this.#now() });
  }

  async settleFailed(
    series: Series,
    ranges: TimeRanges,
    origin: FetchOrigin,
    reason: string,
  ): Promise<void> {
    if (isEmpty(ranges)) return;
    await settleFailed(this.#database, { series, ranges, origin, reason, nowMs: this.#now() });
  }

  async failures(): Promise<Failures | undefined> {
    const { rows } = await this.#database.query<{ symbol: string; from_ms: number }>(
      `select symbol, ${msOf('min(lower(period))')} as from_ms from gap
       where kind = 'failed' and closed_at is null group by symbol order by symbol`,
    );
    if (rows.length === 0) return undefined;
    return {
      symbols: rows.map(({ symbol }) => symbol),
      fromMs: Math.min(...rows.map(({ from_ms: fromMs }) => fromMs)),
    };
  }

  async runCounts(workflowId: string, runId: string): Promise<RunCounts> {
    const { rows } = await this.#database.query<RunCounts>(
      `select count(*)::float8 as requests, coalesce(sum(added), 0)::float8 as candles
       from "fetch" where run_id = $1 and workflow_id = $2`,
      [runId, workflowId],
    );
    return rows[0] ?? { requests: 0, candles: 0 };
  }
}
