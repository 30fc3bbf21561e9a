import type {
  Horizon,
  JudgedDay,
  OldDays,
  OldSeries,
  RetentionRule,
  RetentionStore,
} from '../../domain/retention.js';
import type { TimeRange } from '../../domain/time-range.js';
import type { Database } from '../database.js';
import { msOf, timestamp } from '../encode.js';
import { writeRules } from './horizons.js';
import { judgeDays } from './judge-days.js';
import { removeDays } from './remove-days.js';

const OLD = `with old as (
    select symbol, covered * multirange(tstzrange(null, $2::timestamptz)) as parts from coverage
    where timeframe = $1 and symbol > $3 and covered && tstzrange(null, $2::timestamptz)
    order by symbol limit $4)
  select old.symbol, ${msOf('lower(part)')} as from_ms, ${msOf('upper(part)')} as to_ms
  from old, unnest(old.parts) as part order by old.symbol, lower(part)`;

interface OldColumns {
  readonly symbol: string;
  readonly from_ms: number;
  readonly to_ms: number;
}

/** Retention in PostgreSQL or TimescaleDB. */
export class SqlRetentionStore implements RetentionStore {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now local clock, ms since 1970 */
  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  setRules(rules: readonly RetentionRule[]): Promise<void> {
    return writeRules(this.#database, rules, this.#now());
  }

  async oldSeries(
    { timeframe, horizonMs }: Horizon,
    afterSymbol: string,
    limit: number,
  ): Promise<readonly OldSeries[]> {
    const { rows } = await this.#database.query<OldColumns>(OLD, [
      ...[timeframe, timestamp(horizonMs)],
      ...[afterSymbol, limit],
    ]);
    const bySymbol = new Map<string, TimeRange[]>();
    for (const { symbol, from_ms: fromMs, to_ms: toMs } of rows) {
      const parts = bySymbol.get(symbol) ?? [];
      parts.push({ fromMs, toMs });
      bySymbol.set(symbol, parts);
    }
    return [...bySymbol].map(([symbol, covered]) => ({ symbol, timeframe, covered }));
  }

  judge(days: OldDays): Promise<readonly JudgedDay[]> {
    return judgeDays(this.#database, days);
  }

  remove(days: OldDays): Promise<readonly JudgedDay[]> {
    return removeDays(this.#database, days, this.#now());
  }
}
