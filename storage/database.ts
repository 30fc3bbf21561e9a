/** What a statement gave. */
export interface QueryResult<Row> {
  readonly rows: readonly Row[];
  /** Rows that an INSERT, UPDATE or DELETE touched, or that a SELECT gave. */
  readonly count: number;
}

export interface QueryOptions {
  /**
   * Prepared once a connection under this name instead of planned at each call. One name must always
   * stand for the same text.
   */
  readonly name?: string;
}

/**
 * Runs one SQL statement. Values are strings, numbers, booleans, null, or Buffers in PostgreSQL's
 * binary format of the parameter's type.
 *
 * @throws ServerAway, GiveUpRun, RetryNow as `database-failure.ts` says; any other error of the
 * server as it came, with its SQLSTATE in `code`
 */
export interface Queryable {
  query<Row = unknown>(
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<QueryResult<Row>>;
}

/** The part of PostgreSQL that storage needs: a pool of it in production, an embedded one in tests. */
export interface Database extends Queryable {
  /** Commits when `work` resolves, rolls back when it rejects. READ COMMITTED. */
  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T>;
  /** Lends one connection for a script that may hold several statements in one text. */
  session<T>(work: (session: Session) => Promise<T>): Promise<T>;
}

/** One connection. Without `values`, `text` may hold several statements; the last one's rows count. */
export interface Session {
  query(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: readonly Record<string, unknown>[] }>;
}
