import { Redis } from 'ioredis';
import { testServers } from './test-servers.js';

/** How to connect to an empty Redis database. */
export interface FreshRedis {
  readonly host: string;
  readonly port: number;
  readonly db: number;
}

/**
 * An empty Redis database for this test file: files that run at the same time have different
 * numbers. Channels are common to all databases, so publish on names of your own; for tests that
 * stop Redis start one with `startRedis` (it takes 50 ms).
 */
export async function freshRedis(): Promise<FreshRedis> {
  const { host, port } = testServers().redis;
  const db = Number(process.env['VITEST_POOL_ID'] ?? '1');
  const redis = new Redis({ host, port, db });
  try {
    await redis.flushdb();
  } finally {
    redis.disconnect();
  }
  return { host, port, db };
}
