import type { Redis } from 'ioredis';
import type { Config } from '../runtime/config.js';
import { ensureSearchAttributes } from '../runtime/search-attributes.js';
import { connectTemporal, type TemporalClient } from '../runtime/temporal.js';
import { PostgresDatabase } from '../storage/postgres.js';
import { connectRedis } from '../storage/redis.js';

/** Few: what browsers ask for at the same time is read once, and a run must not wait for a reader. */
const MAX_CONNECTIONS = 3;

/** Temporal counts as away after it: a page waits for an answer that says so, ms. */
const CALL_TIMEOUT_MS = 5_000;

/** The servers as the dashboard uses them; one that is away is tried again at the next use. */
export class Connections {
  readonly config: Config;
  readonly database: PostgresDatabase;
  #redis: Promise<Redis> | undefined;
  #temporal: Promise<TemporalClient> | undefined;

  constructor(config: Config) {
    this.config = config;
    this.database = new PostgresDatabase({ ...config.postgres, maxConnections: MAX_CONNECTIONS });
  }

  /** For commands, which fail at once while Redis is away. */
  redis(): Promise<Redis> {
    this.#redis ??= connectRedis(this.config.redis);
    return this.#redis;
  }

  /** @throws ServerAway */
  temporal(): Promise<TemporalClient> {
    this.#temporal ??= openTemporal(this.config).catch((error: unknown) => {
      this.#temporal = undefined;
      throw error;
    });
    return this.#temporal;
  }

  async close(): Promise<void> {
    await this.database.close();
    (await this.#redis)?.disconnect();
    await (await this.#temporal?.catch(() => undefined))?.close();
  }
}

async function openTemporal({ temporal: config }: Config): Promise<TemporalClient> {
  const temporal = await connectTemporal(config, CALL_TIMEOUT_MS);
  try {
    await ensureSearchAttributes(temporal);
    return temporal;
  } catch (error) {
    await temporal.close();
    throw error;
  }
}
