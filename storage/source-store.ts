import type { SourceStore } from '../domain/stores.js';
import type { Queryable } from './database.js';

/** Table `source`. */
export class SqlSourceStore implements SourceStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  async claim(label: string): Promise<string> {
    await this.#database.query(`insert into source (label) values ($1) on conflict do nothing`, [
      label,
    ]);
    return (await this.label()) ?? label;
  }

  /** The label that holds this database; undefined while none does. */
  async label(): Promise<string | undefined> {
    const { rows } = await this.#database.query<{ label: string }>(`select label from source`);
    return rows[0]?.label;
  }
}
