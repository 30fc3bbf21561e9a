import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { lockHolder, takeLock } from '../../stack/lock.js';
import { removePostgresData } from '../../stack/postgres-data.js';
import { stopOrphans, writeProcessRecord } from '../../stack/process-record.js';
import { provisionServers } from '../../stack/provision.js';
import type { ServerProcess } from '../../stack/server-process.js';
import { startPostgres, type PostgresServer } from '../../stack/start-postgres.js';
import { startRedis, type RedisServer } from '../../stack/start-redis.js';
import { startTemporal, type TemporalServer } from '../../stack/start-temporal.js';
import type { TestServers } from './test-servers.js';

const PREFIX = 'm1-test-';
const LOCK = 'owner.lock';
const RECORD = 'processes.json';

declare module 'vitest' {
  interface ProvidedContext {
    servers: TestServers;
  }
}

/** Starts one server of each kind for the whole run, on free ports and in a temporary folder. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const folder = mkdtempSync(path.join(tmpdir(), PREFIX));
  // PostgreSQL may run as another user, who has to pass
  chmodSync(folder, 0o755);
  takeLock(path.join(folder, LOCK));
  const started: ServerProcess[] = [];
  const teardown = async (): Promise<void> => {
    for (const server of started.toReversed()) await server.stop();
    removeFolder(folder);
  };
  try {
    project.provide('servers', await startServers(folder, started));
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}

async function startServers(folder: string, started: ServerProcess[]): Promise<TestServers> {
  const binaries = await provisionServers({ log: (line) => process.stderr.write(`${line}\n`) });
  const common = (name: string) => ({
    dataDir: path.join(folder, name),
    // not the usual ports: somebody's own stack may want to start on them during the run
    port: 'any' as const,
    onSpawn: (server: ServerProcess) => {
      started.push(server);
      writeProcessRecord(path.join(folder, RECORD), started);
    },
  });
  const postgres = startPostgres({
    ...common('postgres'),
    binaries: binaries.postgres,
    unsafe: true,
  });
  const redis = startRedis({ ...common('redis'), binary: binaries.redis });
  const temporal = startTemporal({
    ...common('temporal'),
    binary: binaries.temporal,
    persistent: false,
    uiPort: 'none',
  });
  // all of them settled first: a failure of one must not leave another one still starting
  await Promise.allSettled([postgres, redis, temporal]);
  return describe(folder, await postgres, await redis, await temporal);
}

function describe(
  folder: string,
  postgres: PostgresServer,
  redis: RedisServer,
  temporal: TemporalServer,
): TestServers {
  const { host, port, user, password, database } = postgres;
  return {
    folder,
    postgres: { host, port, user, password, database },
    redis: { host: redis.host, port: redis.port },
    temporal: { address: temporal.address, namespace: temporal.namespace },
  };
}

/** A run that was killed left its servers: this one stops them. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = path.join(tmpdir(), name);
    const lock = path.join(folder, LOCK);
    if (!existsSync(lock) || lockHolder(lock) !== undefined) continue;
    await stopOrphans(path.join(folder, RECORD), () => undefined);
    removeFolder(folder);
  }
}

function removeFolder(folder: string): void {
  removePostgresData(path.join(folder, 'postgres'));
  rmSync(folder, { recursive: true, force: true });
}
