import type { Series } from '../domain/series.js';
import type { FetchOrigin, RowScan, ScanResult } from '../domain/stores.js';
import type { Database } from './database.js';
import { msOf, timestamp } from './encode.js';
import { mendDrift } from './gap-drift.js';

/** Between two scans when rows have been deleted, ms. */
const INTERVAL_MS = 3_600_000;

/** Between two scans whatever the server's statistics say: they may be switched off, ms. */
const UNASKED_MS = 86_400_000;

/** Series that are counted in one statement: years of 5m candles stay far below its time limit. */
const AT_ONCE = 16;

/**
 * Changes when rows have been deleted, or their tables emptied or dropped, by whomever: PostgreSQL
 * counts deletions. After a crash it counts anew, which is a change too.
 */
const DELETIONS = `select md5(string_agg(
    concat_ws(':', c.oid, c.relfilenode, coalesce(s.n_tup_del, 0)), ' ' order by c.oid)) as deletions
  from pg_class c left join pg_stat_all_tables s on s.relid = c.oid
  where c.oid = 'ohlcv'::regclass
    or c.oid in (select inhrelid from pg_inherits where inhparent = 'ohlcv'::regclass)`;

const LAST = `select ${msOf('scanned_at')} as scanned_ms, deletions from row_scan`;

const RECORD = `insert into row_scan (scanned_at, deletions) values ($1::timestamptz, $2)
  on conflict (only_one) do update set
    scanned_at = excluded.scanned_at, deletions = excluded.deletions`;

const SERIES = `select symbol, timeframe from coverage order by symbol, timeframe`;

/** One snapshot, in which rows and coverage agree whoever writes meanwhile. */
const DRIFTED = `select c.symbol, c.timeframe
  from unnest($1::varchar[], $2::varchar[]) as a (symbol, timeframe)
  join coverage c on c.symbol = a.symbol and c.timeframe = a.timeframe
  where c.candles <> (
    select count(*) from ohlcv o where o.symbol = c.symbol and o.timeframe = c.timeframe
      and o."timestamp" >= lower(c.covered) and o."timestamp" < upper(c.covered))`;

/**
 * Compares table ohlcv with coverage. As long as nobody deletes rows, one look at the statistics an
 * hour says so. A scan counts the rows of each series in its key, which costs as much as reading that
 * index once, and looks closer only where the count is wrong.
 */
export class SqlRowScan implements RowScan {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now local clock, ms since 1970 */
  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  async isDue(): Promise<boolean> {
    const { rows } = await this.#database.query<{ scanned_ms: number; deletions: string }>(LAST);
    const last = rows[0];
    if (last === undefined) return true;
    const ageMs = this.#now() - last.scanned_ms;
    if (ageMs < INTERVAL_MS) return false;
    if (ageMs >= UNASKED_MS) return true;
    return last.deletions !== (await this.#deletions());
  }

  async scan(
    origin: FetchOrigin,
    { signal, afterPart }: Parameters<RowScan['scan']>[1],
  ): Promise<ScanResult> {
    const startedAtMs = this.#now();
    // read first: what is deleted during the scan is a change for the next one
    const deletions = await this.#deletions();
    let result: ScanResult = { series: 0, drifted: 0, candles: 0 };
    const { rows } = await this.#database.query<Series>(SERIES);
    for (let i = 0; i < rows.length; i += AT_ONCE) {
      const batch = rows.slice(i, i + AT_ONCE);
      for (const series of await this.#drifted(batch)) {
        signal?.throwIfAborted();
        const candles = await mendDrift(this.#database, series, { origin, nowMs: this.#now() });
        result = { ...result, drifted: result.drifted + 1, candles: result.candles + candles };
      }
      result = { ...result, series: result.series + batch.length };
      await afterPart?.();
      signal?.throwIfAborted();
    }
    await this.#database.query(RECORD, [timestamp(startedAtMs), deletions]);
    return result;
  }

  async #drifted(batch: readonly Series[]): Promise<readonly Series[]> {
    const { rows } = await this.#database.query<Series>(DRIFTED, [
      batch.map(({ symbol }) => symbol),
      batch.map(({ timeframe }) => timeframe),
    ]);
    return rows;
  }

  async #deletions(): Promise<string> {
    const { rows } = await this.#database.query<{ deletions: string }>(DELETIONS);
    return rows[0]?.deletions ?? '';
  }
}
