import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findRedis } from '../../stack/find-redis.js';
import { startRedis, type RedisServer } from '../../stack/start-redis.js';

/** A Redis that a test may stop, flush and start again. */
export interface OwnRedis {
  readonly server: RedisServer;
  /** Stops it and removes its data. */
  readonly remove: () => Promise<void>;
}

/** @param port of one that was stopped; default any */
export async function ownRedis(port?: number): Promise<OwnRedis> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'm1-redis-'));
  const binary = await findRedis({ log: () => undefined });
  const choice = port === undefined ? 'any' : { fixed: port };
  const server = await startRedis({ dataDir, binary, port: choice });
  return {
    server,
    remove: async () => {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
