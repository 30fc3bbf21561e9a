import { createAdaptorServer } from '@hono/node-server';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { reasonOf, ServerAway } from '../domain/failure.js';
import type { Config } from '../runtime/config.js';
import { dashboardUrl, refuseWithoutToken } from '../runtime/dashboard-address.js';
import type { Logger } from '../runtime/logger.js';
import { cloneRoot } from '../runtime/stack-file.js';
import { connectRedis } from '../storage/redis.js';
import { createApp } from './app.js';
import { Connections } from './connections.js';
import { LiveBoard } from './live-board.js';

export interface DashboardOptions {
  /** Its `dashboard` says where to listen; port 0 takes a free one. */
  readonly config: Config;
  readonly logger: Pick<Logger, 'error'>;
  /** Default: where the build puts the page. */
  readonly pageFolder?: string;
}

export interface RunningDashboard {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the dashboard.
 *
 * @throws WrongUse without a token on an address that others can reach
 * @throws ServerAway when the port is taken or the page was not built
 */
export async function startDashboard(options: DashboardOptions): Promise<RunningDashboard> {
  const { config, logger } = options;
  const { host, port, token } = config.dashboard;
  refuseWithoutToken(config.dashboard);
  const closing = new AbortController();
  const connections = new Connections(config);
  const board = new LiveBoard({
    redis: () => connections.redis(),
    subscriber: () => connectRedis(config.redis),
  });
  const pageFolder = options.pageFolder ?? path.join(cloneRoot(), 'dist/dashboard/page');
  const app = createApp({
    ...{ host, token, connections, board, pageFolder, logger },
    closing: closing.signal,
  });
  const server = createAdaptorServer({ fetch: app.fetch });
  const listening = once(server, 'listening');
  server.listen(port, host);
  try {
    await listening;
  } catch (error) {
    await connections.close();
    throw listenFailure(error, host, port);
  }
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: dashboardUrl({ host, port: bound }),
    close: async () => {
      closing.abort();
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
      board.close();
      await connections.close();
    },
  };
}

function listenFailure(error: unknown, host: string, port: number): ServerAway {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new ServerAway(`port ${port} of ${host} is taken: set DASHBOARD_PORT to another one`);
  }
  return new ServerAway(
    `the dashboard cannot listen on ${host}:${port} (${reasonOf(error)}): correct DASHBOARD_HOST and DASHBOARD_PORT`,
  );
}
