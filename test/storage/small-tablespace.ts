import { chownSync, statSync } from 'node:fs';

interface Sql {
  query(text: string): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Moves the candles into `folder`, such as a small disk. @returns the name of their tablespace */
export async function moveCandles(sql: Sql, folder: string): Promise<string> {
  const { rows } = await sql.query('show data_directory');
  const [{ data_directory: data }] = rows as [{ data_directory: string }];
  // PostgreSQL keeps tablespaces only in folders of its own user
  const { uid, gid } = statSync(data);
  chownSync(folder, uid, gid);
  const space = `small_${process.pid}_${Date.now()}`;
  await sql.query(`create tablespace ${space} location '${folder}'`);
  await sql.query(`alter table ohlcv set tablespace ${space}`);
  return space;
}
