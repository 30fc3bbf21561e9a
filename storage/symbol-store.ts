import { RetrySoon } from '../domain/failure.js';
import type { Instrument } from '../domain/instrument.js';
import type { SymbolHistory, SymbolStore } from '../domain/stores.js';
import type { Database } from './database.js';
import { msOf, nullableTimestamp, timestamp } from './encode.js';

const UPSERT = `insert into symbols
    (name, base, quote, price_precision, amount_precision, is_active, first_seen, last_seen)
  select l.name, l.base, l.quote, l.price_precision, l.amount_precision, true, $2, $2
  from jsonb_to_recordset($1::jsonb) as l
    (name varchar, base varchar, quote varchar, price_precision numeric, amount_precision numeric)
  order by l.name
  on conflict (name) do update set
    base = excluded.base, quote = excluded.quote, price_precision = excluded.price_precision,
    amount_precision = excluded.amount_precision, is_active = true, last_seen = excluded.last_seen`;

const DEACTIVATE = `update symbols set is_active = false
  where is_active and name <> all (select l.name from jsonb_to_recordset($1::jsonb) as l (name varchar))`;

const RECORD_PROBE = `insert into symbols (name, probed_from, first_day) values ($1, $2, $3)
  on conflict (name) do update set probed_from = excluded.probed_from, first_day = excluded.first_day`;

interface HistoryColumns {
  readonly probed_ms: number | null;
  readonly first_ms: number | null;
}

/** Table `symbols`. */
export class SqlSymbolStore implements SymbolStore {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now local clock, ms since 1970 */
  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /** @throws RetrySoon for an empty listing, which would make every pair inactive */
  async refresh(instruments: readonly Instrument[]): Promise<void> {
    if (instruments.length === 0) {
      throw new RetrySoon('the venue listed no pairs at all: its listing is not believed');
    }
    const listing = JSON.stringify(
      instruments.map(({ symbol, base, quote, pricePrecision, amountPrecision }) => ({
        name: symbol,
        base,
        quote,
        price_precision: pricePrecision,
        amount_precision: amountPrecision,
      })),
    );
    await this.#database.transaction(async (transaction) => {
      await transaction.query(UPSERT, [listing, timestamp(this.#now())]);
      await transaction.query(DEACTIVATE, [listing]);
    });
  }

  async activeSymbols(): Promise<readonly string[]> {
    const { rows } = await this.#database.query<{ name: string }>(
      `select name from symbols where is_active order by name`,
    );
    return rows.map(({ name }) => name);
  }

  /** A name that only a backfill knows has no quote coin. */
  async everListed(): Promise<readonly string[]> {
    const { rows } = await this.#database.query<{ name: string }>(
      `select name from symbols where quote is not null order by name`,
    );
    return rows.map(({ name }) => name);
  }

  async history(symbol: string): Promise<SymbolHistory> {
    const { rows } = await this.#database.query<HistoryColumns>(
      `select ${msOf('probed_from')} as probed_ms, ${msOf('first_day')} as first_ms
       from symbols where name = $1`,
      [symbol],
    );
    return {
      probedFromMs: rows[0]?.probed_ms ?? undefined,
      firstDayMs: rows[0]?.first_ms ?? undefined,
    };
  }

  /** Also for a pair that no listing has shown yet, as in a backfill of named pairs. */
  async recordProbe(symbol: string, { probedFromMs, firstDayMs }: SymbolHistory): Promise<void> {
    await this.#database.query(RECORD_PROBE, [
      symbol,
      nullableTimestamp(probedFromMs),
      nullableTimestamp(firstDayMs),
    ]);
  }
}
