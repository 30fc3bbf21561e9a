import type { Database, Queryable } from './database.js';

const SNAPSHOT = 'set transaction isolation level repeatable read, read only';

/** One state of the database for all statements of `work`, without a lock that a writer would wait for. */
export function inSnapshot<T>(
  database: Database,
  work: (snapshot: Queryable) => Promise<T>,
): Promise<T> {
  return database.transaction(async (transaction) => {
    await transaction.query(SNAPSHOT);
    return work(transaction);
  });
}
