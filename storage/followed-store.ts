import type { Series } from '../domain/series.js';
import type { DelistedSeries, FollowedStore } from '../domain/sync.js';
import type { Timeframe } from '../domain/timeframe.js';
import type { Database } from './database.js';
import { msOf, timestamp } from './encode.js';
import { reopenAfterRelisting, SEALED } from './settle-after-delisting.js';

/** The syncs of several timeframes begin together. */
const LOCK = `lock table followed in share row exclusive mode`;

/** A pair that is no longer listed stays until its end is settled and it is listed again. */
const REMOVE = `delete from followed f using symbols s
  where s.name = f.symbol and s.is_active and f.symbol <> all($1::varchar[])`;

const ADD = `insert into followed (symbol, since, synced_at)
  select symbol, $2::timestamptz, $2::timestamptz from unnest($1::varchar[]) as a (symbol)
  on conflict (symbol) do update set synced_at = excluded.synced_at`;

/** An end that retention has removed is not asked for. */
const UNSEALED = `select c.symbol, c.timeframe, ${msOf('upper(c.covered)')} as end_ms
  from followed f
  join symbols s on s.name = f.symbol and not s.is_active
  join coverage c on c.symbol = f.symbol and c.timeframe = $1 and c.candles > 0
  left join retention r on r.timeframe = c.timeframe
  where upper(c.covered) >= coalesce(r.horizon, '-infinity') and not exists (
    select from gap g
    where g.symbol = c.symbol and g.timeframe = c.timeframe and g.closed_at is null
      and g.kind = 'after_delisting' and upper(g.period) = upper(c.covered))
  order by c.symbol`;

const RELISTED = `select distinct symbol, timeframe from gap
  join symbols s on s.name = symbol and s.is_active
  where timeframe = $1 and ${SEALED}`;

/** Table `followed`, and the gaps after a delisting. */
export class SqlFollowedStore implements FollowedStore {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now local clock, ms since 1970 */
  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  async follow(symbols: readonly string[]): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      await transaction.query(LOCK);
      await transaction.query(REMOVE, [[...symbols]]);
      await transaction.query(ADD, [[...symbols], timestamp(this.#now())]);
    });
  }

  async neverProbed(symbols: readonly string[]): Promise<readonly string[]> {
    const { rows } = await this.#database.query<{ name: string }>(
      `select name from symbols where name = any($1::varchar[]) and probed_from is null`,
      [[...symbols]],
    );
    return rows.map(({ name }) => name);
  }

  async unsealed(timeframe: Timeframe): Promise<readonly DelistedSeries[]> {
    const { rows } = await this.#database.query<Series & { readonly end_ms: number }>(UNSEALED, [
      timeframe,
    ]);
    return rows.map(({ end_ms: endMs, ...series }) => ({ ...series, endMs }));
  }

  async reopenRelisted(timeframe: Timeframe): Promise<number> {
    return this.#database.transaction(async (transaction) => {
      const { rows } = await transaction.query<Series>(RELISTED, [timeframe]);
      return reopenAfterRelisting(transaction, rows, this.#now());
    });
  }
}
