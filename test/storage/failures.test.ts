import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { databaseFailure } from '../../storage/database-failure.js';
import { migrateUp } from '../../storage/migrate.js';
import { PostgresDatabase } from '../../storage/postgres.js';
import { freshDatabase, type FreshDatabase } from '../servers/fresh-database.js';
import { smallDisk } from '../stack/small-disk.js';
import { numbers, pageOf } from './pages.js';
import { moveCandles } from './small-tablespace.js';

let fresh: FreshDatabase;
let database: PostgresDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = new PostgresDatabase(fresh);
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});

async function failureOf(options: Partial<FreshDatabase>): Promise<unknown> {
  const other = new PostgresDatabase({ ...fresh, ...options });
  try {
    return await other.query('select 1');
  } catch (error) {
    return error;
  } finally {
    await other.close();
  }
}

test('a server that is away, an unknown user or database', async () => {
  expect(await failureOf({ host: '127.0.0.1', port: 1 })).toMatchObject({
    name: 'ServerAway',
    message: expect.stringContaining('127.0.0.1:1') as string,
  });
  expect(await failureOf({ user: 'nobody_knows' })).toMatchObject({
    name: 'ServerAway',
    message: expect.stringContaining('refuses the password') as string,
  });
  expect(await failureOf({ database: 'nowhere' })).toMatchObject({
    name: 'ServerAway',
    message: expect.stringContaining('POSTGRES_DB') as string,
  });
});

test.each([
  ['28P01', 'ServerAway'],
  ['57P03', 'ServerAway'],
  ['53300', 'ServerAway'],
  ['25006', 'ServerAway'],
  ['ECONNRESET', 'ServerAway'],
  ['53100', 'GiveUpRun'],
  ['42P01', 'GiveUpRun'],
  ['40P01', 'RetryNow'],
  ['40001', 'RetryNow'],
  ['23505', 'Error'],
])('code %s is sorted as %s, in one line', (code, name) => {
  const failure = databaseFailure(Object.assign(new Error('two\nlines'), { code }), 'db:5432/m1');
  expect(failure).toMatchObject({ name });
  if (name !== 'Error') expect((failure as Error).message).not.toContain('\n');
});

test('a missing password is said', () => {
  const text = 'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string';
  expect(databaseFailure(new Error(text), 'db:5432/m1')).toMatchObject({
    name: 'ServerAway',
    message: expect.stringContaining('set POSTGRES_PASSWORD') as string,
  });
});

test('without the schema the next step is named', async () => {
  const store = new SqlCandleStore({ database, reaskMs: [] });
  await expect(store.storePage(pageOf(0, 1, [0]))).rejects.toMatchObject({
    name: 'GiveUpRun',
    message: expect.stringContaining('m1 db upgrade') as string,
  });
});

test('a connection that the server ends in a transaction: nothing is stored, the next one works', async () => {
  await database.query('create table scratch (n int)');
  const work = database.transaction(async (transaction) => {
    await transaction.query('insert into scratch values (1)');
    await transaction.query('select pg_terminate_backend(pg_backend_pid())');
  });
  await expect(work).rejects.toMatchObject({ name: 'ServerAway' });
  expect((await database.query('select n from scratch')).rows).toEqual([]);
});

test('a connection that goes silent ends its query, and the pool goes on', async () => {
  let oldOnesSilent = false;
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(fresh.port, fresh.host);
    const isOld = !oldOnesSilent;
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    // No end and no reset: what a router does that has forgotten a connection.
    client.on('data', (chunk) => {
      if (!(isOld && oldOnesSilent)) server.write(chunk);
    });
    server.on('data', (chunk) => client.write(chunk));
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as AddressInfo;
  const behind = new PostgresDatabase({ ...fresh, port, queryTimeoutMs: 500 });
  try {
    expect((await behind.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    oldOnesSilent = true;
    await expect(behind.query('select 1 as one')).rejects.toMatchObject({ name: 'ServerAway' });
    expect((await behind.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  } finally {
    await behind.close();
    for (const socket of sockets) socket.destroy();
    proxy.close();
  }
});

test('a full disk ends the run with the next step, and keeps what was stored', async (context) => {
  const disk = smallDisk(context, 3);
  const small = await freshDatabase();
  const full = new PostgresDatabase(small);
  let space: string | undefined;
  try {
    await migrateUp(full);
    space = await moveCandles(full, disk);
    const store = new SqlCandleStore({ database: full, reaskMs: [] });
    let pages = 0;
    const fill = async (): Promise<void> => {
      for (; pages < 100; pages++) {
        const from = pages * 1000;
        await store.storePage(pageOf(from, from + 1000, numbers(from, from + 1000)));
      }
    };
    await expect(fill()).rejects.toMatchObject({
      name: 'GiveUpRun',
      message:
        'PostgreSQL has no space left on its disk: free space, then run the same command again',
    });
    const stored = await full.query(
      'select (select count(*)::int from ohlcv) as rows, (select candles::int from coverage) as candles',
    );
    expect(pages).toBeGreaterThan(0);
    expect(stored.rows).toEqual([{ rows: pages * 1000, candles: pages * 1000 }]);
  } finally {
    await full.close();
    await small.drop();
    if (space !== undefined) await database.query(`drop tablespace ${space}`);
  }
});
