import type { BanStore } from '../domain/stores.js';
import type { Queryable } from './database.js';
import { msOf, timestamp } from './encode.js';

/** Table `ban`. */
export class SqlBanStore implements BanStore {
  readonly #database: Queryable;
  readonly #now: () => number;

  /** @param now local clock, ms since 1970 */
  constructor(database: Queryable, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  async notBeforeMs(): Promise<number | undefined> {
    const { rows } = await this.#database.query<{ until_ms: number }>(
      `select ${msOf('not_before')} as until_ms from ban where not_before > $1::timestamptz`,
      [timestamp(this.#now())],
    );
    return rows[0]?.until_ms;
  }

  async extend(untilMs: number): Promise<void> {
    await this.#database.query(
      `insert into ban (not_before) values ($1)
       on conflict (only_one) do update set not_before = greatest(ban.not_before, excluded.not_before)`,
      [timestamp(untilMs)],
    );
  }
}
