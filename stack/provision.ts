import type { FindOptions } from './cache-dir.js';
import { findPostgres, type PostgresBinaries } from './find-postgres.js';
import { findRedis } from './find-redis.js';
import { findTemporal } from './find-temporal.js';

/** The programs of the embedded stack. */
export interface ServerBinaries {
  readonly temporal: string;
  readonly postgres: PostgresBinaries;
  readonly redis: string;
}

/** Finds or installs every server program, one after the other so that the messages stay readable. */
export async function provisionServers(options: FindOptions): Promise<ServerBinaries> {
  return {
    postgres: await findPostgres(options),
    redis: await findRedis(options),
    temporal: await findTemporal(options),
  };
}
