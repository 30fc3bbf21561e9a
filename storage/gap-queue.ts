import type { Gap } from '../domain/gap.js';
import type { Series } from '../domain/series.js';
import type { GapQueue } from '../domain/stores.js';
import type { TimeRange } from '../domain/time-range.js';
import type { SqlCandleStoreOptions } from './candle-store.js';
import type { Database } from './database.js';
import { msOf, range, timestamp } from './encode.js';
import { GAP_COLUMNS, gapRow, type GapColumns } from './gap-rows.js';
import { sealGaps } from './settle-after-delisting.js';
import { lockSeries } from './settlement.js';
import { typeOutages } from './venue-outage.js';

const WAITING = `closed_at is null and next_ask is not null`;

/** Gaps of one series that are due at once come together, so that they can share pages. */
const DUE = `select symbol, timeframe, ${GAP_COLUMNS} from gap
  where closed_at is null and next_ask <= $1::timestamptz
    and (kind <> 'failed' or found_at <= $2::timestamptz)
  order by next_ask, symbol, timeframe, lower(period) limit $3`;

/** Two questions, so that the index of what is due answers the one that matters. */
const NEXT_DUE = `select ${msOf(`least(
    (select min(next_ask) from gap where ${WAITING} and kind <> 'failed'),
    (select min(greatest(next_ask, found_at + $1::interval)) from gap
     where ${WAITING} and kind = 'failed'))`)} as next_ms`;

const COUNT_WAITING = `select count(*)::int as waiting from gap where ${WAITING}`;

const PUT_OFF = `update gap set next_ask = $4::timestamptz
  where symbol = $1 and timeframe = $2 and closed_at is null and period && $3::tstzrange
    and next_ask <= $5::timestamptz and next_ask < $4::timestamptz`;

/** Table `gap` as a queue. */
export class SqlGapQueue implements GapQueue {
  readonly #database: Database;
  /** How long what failed in a run is left in peace, ms. */
  readonly #failedWaitMs: number;
  readonly #now: () => number;

  constructor({ database, reaskMs, now = Date.now }: SqlCandleStoreOptions) {
    this.#database = database;
    this.#failedWaitMs = reaskMs[0] ?? 0;
    this.#now = now;
  }

  async due(limit: number): Promise<readonly Gap[]> {
    const nowMs = this.#now();
    const { rows } = await this.#database.query<Series & GapColumns>(DUE, [
      ...[timestamp(nowMs), timestamp(nowMs - this.#failedWaitMs)],
      limit,
    ]);
    return rows.map((columns) => {
      const { period, kind, asked, foundAtMs, foundBy, lastAskedMs, nextAskMs } = gapRow(columns);
      const { symbol, timeframe } = columns;
      return {
        ...{ symbol, timeframe, period, kind, asked },
        ...{ foundAtMs, foundBy, lastAskedMs, nextAskMs },
      };
    });
  }

  async nextDueMs(): Promise<number | undefined> {
    const { rows } = await this.#database.query<{ next_ms: number | null }>(NEXT_DUE, [
      `${this.#failedWaitMs} milliseconds`,
    ]);
    return rows[0]?.next_ms ?? undefined;
  }

  async waiting(): Promise<number> {
    const { rows } = await this.#database.query<{ waiting: number }>(COUNT_WAITING);
    return rows[0]?.waiting ?? 0;
  }

  /** Under the lock of the series, because writers of pages read gaps and write them back. */
  async putOff(series: Series, period: TimeRange, untilMs: number): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      await lockSeries(transaction, series, period);
      await transaction.query(PUT_OFF, [
        ...[series.symbol, series.timeframe, range(period)],
        ...[timestamp(untilMs), timestamp(this.#now())],
      ]);
    });
  }

  seal(symbol: string, reason: string): Promise<number> {
    return sealGaps(this.#database, symbol, reason);
  }

  typeOutages(): Promise<number> {
    return typeOutages(this.#database);
  }
}
