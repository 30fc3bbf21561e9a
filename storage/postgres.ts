import pg from 'pg';
import type { Database, QueryOptions, QueryResult, Queryable, Session } from './database.js';
import { ServerAway } from '../domain/failure.js';
import { databaseFailure } from './database-failure.js';

export interface PostgresOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Undefined: none is sent. */
  readonly password?: string | undefined;
  readonly database: string;
  /** Most connections at a time; default 4, which is enough for a backfill at the venue's limit. */
  readonly maxConnections?: number;
  /** How long to wait for a connection, ms; default 5000. */
  readonly connectTimeoutMs?: number;
  /**
   * The longest statement outside of a session, ms; default 60,000. A connection can go silent
   * without an end; without this bound its query would hold its place in the pool for hours.
   */
  readonly queryTimeoutMs?: number;
}

const DEFAULT_CONNECTIONS = 4;
const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;

const DEFAULT_QUERY_TIMEOUT_MS = 60_000;

/** A migration may rewrite a table of years, ms. */
const SESSION_QUERY_TIMEOUT_MS = 86_400_000;

/** How soon the system asks whether a silent peer is still there, ms. */
const KEEP_ALIVE_AFTER_MS = 10_000;

/** A connection that does not roll back within this time is given up, ms. */
const ROLLBACK_TIMEOUT_MS = 2_000;

/** How long `close` waits for queries under way, ms. */
const CLOSE_TIMEOUT_MS = 5_000;

/** pg takes a timeout for one query, which its types do not know. */
interface TimedQuery extends pg.QueryConfig {
  query_timeout: number;
}

interface SessionResult {
  readonly rows: readonly Record<string, unknown>[];
}

/** A pool of connections to PostgreSQL. Connects at the first use, and again after a failure. */
export class PostgresDatabase implements Database {
  readonly #pool: pg.Pool;
  readonly #where: string;
  readonly #queryTimeoutMs: number;

  constructor(options: PostgresOptions) {
    const { host, port, user, password, database } = options;
    this.#where = `${host}:${port}/${database}`;
    this.#queryTimeoutMs = options.queryTimeoutMs ?? DEFAULT_QUERY_TIMEOUT_MS;
    this.#pool = new pg.Pool({
      ...{ host, port, user, password, database },
      max: options.maxConnections ?? DEFAULT_CONNECTIONS,
      connectionTimeoutMillis: options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
      application_name: 'm1',
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
      query_timeout: this.#queryTimeoutMs,
      statement_timeout: this.#queryTimeoutMs,
    });
    // An idle connection that breaks is replaced at the next use, which reports what is wrong.
    this.#pool.on('error', () => undefined);
  }

  async query<Row>(
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<QueryResult<Row>> {
    return this.#translated(() => run<Row>(this.#pool, text, values, options));
  }

  async transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T> {
    return this.#withClient(async (client) => {
      await client.query('BEGIN');
      const result = await work({
        query: <Row>(text: string, values?: readonly unknown[], options?: QueryOptions) =>
          this.#translated(() => run<Row>(client, text, values, options)),
      });
      await client.query('COMMIT');
      return result;
    });
  }

  async session<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#withClient(async (client) => {
      await client.query(`set statement_timeout = ${SESSION_QUERY_TIMEOUT_MS}`);
      const outcome = await work({
        query: async (text, values) => {
          const config: TimedQuery = { text, query_timeout: SESSION_QUERY_TIMEOUT_MS };
          if (values !== undefined) config.values = [...values];
          // Several statements in one text give several results, whatever the types of pg say.
          const result: SessionResult | readonly SessionResult[] = await this.#translated(() =>
            client.query<Record<string, unknown>>(config),
          );
          return isList(result) ? (result.at(-1) ?? { rows: [] }) : result;
        },
      });
      await client.query(`set statement_timeout = ${this.#queryTimeoutMs}`);
      return outcome;
    });
  }

  /** Ends all connections after their work; one that went silent is not waited for. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    });
    await Promise.race([this.#pool.end(), late]);
    clearTimeout(timer);
  }

  async #withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#translated(() => this.#pool.connect());
    // A connection that breaks while lent reports it here too, beside the query that fails.
    const ignore = (): void => undefined;
    client.on('error', ignore);
    try {
      const result = await this.#translated(() => work(client));
      client.release();
      return result;
    } catch (error) {
      if (error instanceof ServerAway) {
        // It may be silent for good: the server rolls back when it notices.
        client.release(error);
        throw error;
      }
      // A connection that cannot roll back is no longer usable; the server rolls back by itself.
      const rollback: TimedQuery = { text: 'ROLLBACK', query_timeout: ROLLBACK_TIMEOUT_MS };
      await client.query(rollback).then(
        () => client.release(),
        () => client.release(true),
      );
      throw error;
    } finally {
      client.off('error', ignore);
    }
  }

  async #translated<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw databaseFailure(error, this.#where);
    }
  }
}

function isList(
  result: SessionResult | readonly SessionResult[],
): result is readonly SessionResult[] {
  return Array.isArray(result);
}

async function run<Row>(
  client: pg.Pool | pg.PoolClient,
  text: string,
  values: readonly unknown[] | undefined,
  options: QueryOptions | undefined,
): Promise<QueryResult<Row>> {
  const config: pg.QueryConfig = { text };
  if (values !== undefined) config.values = [...values];
  if (options?.name !== undefined) config.name = options.name;
  const { rows, rowCount } = await client.query<Row & pg.QueryResultRow>(config);
  return { rows, count: rowCount ?? 0 };
}
