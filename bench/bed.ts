import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lockHolder, takeLock } from '../stack/lock.js';
import { removePostgresData } from '../stack/postgres-data.js';
import { stopOrphans, writeProcessRecord } from '../stack/process-record.js';
import type { ServerBinaries } from '../stack/provision.js';
import type { ServerProcess } from '../stack/server-process.js';
import { startPostgres, type PostgresServer } from '../stack/start-postgres.js';
import { startRedis, type RedisServer } from '../stack/start-redis.js';
import { startTemporal, type TemporalServer } from '../stack/start-temporal.js';

const PREFIX = 'm1-bench-';
const LOCK = 'owner.lock';
const RECORD = 'processes.json';

/** The servers of a benchmark, with the settings of `m1 up`, on free ports and in a temporary folder. */
export interface Bed {
  readonly folder: string;
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly temporal: TemporalServer;
  /** Stops a process with the bed, in case its owner does not; also after a crash of this one. */
  adopt(process: ServerProcess): void;
}

/** A bed that is being made, so that what has started can be stopped whatever happens. */
export class BedMaker {
  readonly #folder: string;
  readonly #started: ServerProcess[] = [];

  constructor() {
    this.#folder = mkdtempSync(path.join(tmpdir(), PREFIX));
    // PostgreSQL may run as another user, who has to pass
    chmodSync(this.#folder, 0o755);
    takeLock(path.join(this.#folder, LOCK));
  }

  async start(binaries: ServerBinaries, signal: AbortSignal): Promise<Bed> {
    const common = (name: string) => ({
      dataDir: path.join(this.#folder, name),
      // not the usual ports: somebody's own stack may run or start on them
      port: 'any' as const,
      signal,
      onSpawn: (server: ServerProcess) => this.#adopt(server),
    });
    const postgres = startPostgres({ ...common('postgres'), binaries: binaries.postgres });
    const redis = startRedis({ ...common('redis'), binary: binaries.redis });
    const temporal = startTemporal({
      ...common('temporal'),
      binary: binaries.temporal,
      uiPort: 'any',
    });
    // all of them settled first: a failure of one must not leave another one still starting
    await Promise.allSettled([postgres, redis, temporal]);
    return {
      folder: this.#folder,
      postgres: await postgres,
      redis: await redis,
      temporal: await temporal,
      adopt: (process) => this.#adopt(process),
    };
  }

  /** Stops everything, the last started first, and removes the folder. */
  async remove(): Promise<void> {
    for (const server of this.#started.toReversed()) await server.stop();
    removeFolder(this.#folder);
  }

  #adopt(process: ServerProcess): void {
    this.#started.push(process);
    writeProcessRecord(path.join(this.#folder, RECORD), this.#started);
  }
}

/** A benchmark that was killed left its servers and files: this one removes them. */
export async function removeLeftBeds(log: (line: string) => void): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = path.join(tmpdir(), name);
    const lock = path.join(folder, LOCK);
    if (!existsSync(lock) || lockHolder(lock) !== undefined) continue;
    await stopOrphans(path.join(folder, RECORD), log);
    removeFolder(folder);
  }
}

function removeFolder(folder: string): void {
  removePostgresData(path.join(folder, 'postgres'));
  rmSync(folder, { recursive: true, force: true });
}
