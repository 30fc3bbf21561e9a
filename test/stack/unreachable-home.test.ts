import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { expect, it } from 'vitest';
import { isRoot } from '../../stack/cache-dir.js';
import { findPostgres } from '../../stack/find-postgres.js';
import { removePostgresData } from '../../stack/postgres-data.js';
import { startPostgres } from '../../stack/start-postgres.js';
import { temporaryFolder } from './temporary-folder.js';

// everybody but root runs PostgreSQL as himself, and reaches what he owns
it.runIf(isRoot())(
  'keeps a database whose home only root can enter, and removes it with the home',
  async () => {
    const rootOnly = temporaryFolder(0o700);
    const dataDir = path.join(rootOnly, 'a'.repeat(120), 'postgres');
    const binaries = await findPostgres({ log: () => undefined });
    const start = () => startPostgres({ dataDir, binaries, port: 'any', unsafe: true });
    const run = async (sql: string): Promise<unknown[]> => {
      const server = await start();
      const client = new pg.Client(server);
      await client.connect();
      const { rows } = await client.query<Record<string, unknown>>(sql);
      await client.end();
      await server.stop();
      return rows;
    };
    await run('create table kept as select 1 as one');
    expect(await run('select one from kept')).toEqual([{ one: 1 }]);
    const cluster = realpathSync(path.join(dataDir, 'cluster'));
    expect(cluster.startsWith(rootOnly)).toBe(false);
    removePostgresData(dataDir);
    expect(existsSync(cluster)).toBe(false);
    expect(existsSync(dataDir)).toBe(false);
  },
);
