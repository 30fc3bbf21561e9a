import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startDashboard } from '../../dashboard/server.js';
import { loadConfig, type Config, type DashboardConfig } from '../../runtime/config.js';
import type { RedisOptions } from '../../storage/redis.js';
import { migratedDatabase, type FreshDatabase } from '../servers/fresh-database.js';
import { postgresVariables, redisVariables } from '../servers/server-variables.js';
import { freshNamespace, type FreshNamespace } from '../servers/fresh-namespace.js';

export interface Servers {
  readonly database: FreshDatabase;
  readonly temporal: FreshNamespace;
  readonly redis: RedisOptions;
}

/** A dashboard over real servers, in this process. */
export interface Served {
  readonly url: string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** As the page does it; `headers` replace its own. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

/** A database and a namespace for the dashboards of a test file. */
export async function emptyServers(redis: RedisOptions): Promise<Servers> {
  const [database, temporal] = await Promise.all([migratedDatabase(), freshNamespace()]);
  return { database, temporal, redis };
}

export function configOf(
  { database, temporal, redis }: Servers,
  dashboard: Partial<DashboardConfig> = {},
): Config {
  const config = loadConfig({
    env: {
      ...postgresVariables(database),
      ...redisVariables(redis),
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      M1_HOME: tmpdir(),
    },
    readStack: () => undefined,
  });
  const token = undefined;
  return { ...config, dashboard: { host: '127.0.0.1', port: 0, token, ...dashboard } };
}

export async function serve(
  servers: Servers,
  dashboard: Partial<DashboardConfig> = {},
): Promise<Served> {
  const pageFolder = mkdtempSync(path.join(tmpdir(), 'm1-page-'));
  writeFileSync(path.join(pageFolder, 'index.html'), '<!doctype html><title>M1</title>');
  writeFileSync(path.join(pageFolder, 'main.js'), 'export {};');
  const running = await startDashboard({
    config: configOf(servers, dashboard),
    logger: { error: (fields: unknown) => process.stderr.write(`${JSON.stringify(fields)}\n`) },
    pageFolder,
  });
  const { url } = running;
  return {
    url,
    get: (at, headers = {}) => fetch(`${url}${at}`, { headers }),
    post: (at, body, headers = {}) =>
      fetch(`${url}${at}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-m1-dashboard': '1',
          origin: url,
          ...headers,
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    close: async () => {
      await running.close();
      rmSync(pageFolder, { recursive: true });
    },
  };
}

/** The JSON of an answer that must be a success. */
export async function okJson<T>(answer: Promise<Response>): Promise<T> {
  const response = await answer;
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`${response.status}: ${JSON.stringify(body)}`);
  return body as T;
}
