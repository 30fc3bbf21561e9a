import type { DatabaseIdentity, SourceStore } from '../domain/stores.js';
import type { Queryable } from './database.js';

/** Table `source`. */
export class SqlSourceStore implements SourceStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  async claim(label: string): Promise<DatabaseIdentity> {
    await this.#database.query(`insert into source (label) values ($1) on conflict do nothing`, [
      label,
    ]);
    const { rows } = await this.#database.query<DatabaseIdentity>(
      `select label as source, database_id::text as "databaseId" from source`,
    );
    if (rows[0] === undefined) throw new Error('table source lost its row while it was read');
    return rows[0];
  }

  /** The label that holds this database; undefined while none does. */
  async label(): Promise<string | undefined> {
    const { rows } = await this.#database.query<{ label: string }>(`select label from source`);
    return rows[0]?.label;
  }
}
