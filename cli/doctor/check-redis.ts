import type { Config } from '../../runtime/config.js';
import { pingRedis } from '../../storage/redis.js';
import { ok, type Check } from './check.js';

/** @throws ServerAway when Redis cannot be used */
export async function checkRedis({ redis }: Config): Promise<readonly Check[]> {
  const version = await pingRedis(redis);
  return [
    ok('Redis', `${version} at ${redis.host}:${redis.port}/${redis.db}, from ${redis.origin}`),
  ];
}
