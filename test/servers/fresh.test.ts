import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, it } from 'vitest';
import { freshDatabase } from './fresh-database.js';
import { freshNamespace } from './fresh-namespace.js';
import { freshRedis } from './fresh-redis.js';

it('gives a test file an empty database in UTC, whatever TZ says', async () => {
  const database = await freshDatabase();
  const client = new pg.Client(database);
  await client.connect();
  const { rows } = await client.query<{ zone: string; tables: number }>(
    `select current_setting('TimeZone') as zone,
       (select count(*)::int from pg_tables where schemaname = 'public') as tables`,
  );
  await client.end();
  await database.drop();
  expect(rows).toEqual([{ zone: 'UTC', tables: 0 }]);
});

it('gives a test file an empty Redis database', async () => {
  const redis = new Redis(await freshRedis());
  expect(await redis.dbsize()).toBe(0);
  redis.disconnect();
});

it('gives a test file a Temporal namespace with the search attributes of the collector', async () => {
  const first = await freshNamespace();
  const second = await freshNamespace();
  expect(first.namespace).not.toBe(second.namespace);
});
