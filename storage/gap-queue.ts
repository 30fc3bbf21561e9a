import type { Gap } from '../domain/gap.js';
import type { Series } from '../domain/series.js';
import type { GapQueue } from '../domain/stores.js';
import type { TimeRange } from '../domain/time-range.js';
import type { Database } from './database.js';
import { msOf, range, timestamp } from './encode.js';
import { GAP_COLUMNS, gapRow, type GapColumns } from './gap-rows.js';
import { lockSeries } from './settlement.js';

/** Gaps of one series that are due at once come together, so that they can share pages. */
const DUE = `select symbol, timeframe, ${GAP_COLUMNS} from gap
  where closed_at is null and next_ask <= $1::timestamptz
  order by next_ask, symbol, timeframe, lower(period) limit $2`;

const NEXT_DUE = `select ${msOf('min(next_ask)')} as next_ms from gap
  where closed_at is null and next_ask > $1::timestamptz`;

const PUT_OFF = `update gap set next_ask = $4::timestamptz
  where symbol = $1 and timeframe = $2 and closed_at is null and period && $3::tstzrange
    and next_ask <= $5::timestamptz and next_ask < $4::timestamptz`;

/** Table `gap` as a queue. */
export class SqlGapQueue implements GapQueue {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now local clock, ms since 1970 */
  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  async due(limit: number): Promise<readonly Gap[]> {
    const { rows } = await this.#database.query<Series & GapColumns>(DUE, [
      timestamp(this.#now()),
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
      timestamp(this.#now()),
    ]);
    return rows[0]?.next_ms ?? undefined;
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
}
