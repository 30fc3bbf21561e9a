import { Hono } from 'hono';
import type { Fault } from './api.js';
import type { Connections } from './connections.js';
import type { StreamContext } from './event-stream.js';
import { faultOf, logFault, Refused } from './faults.js';
import { backfillsRoute } from './routes/backfills.js';
import { candlesRoute } from './routes/candles.js';
import { coverageRoute } from './routes/coverage.js';
import { gapsRoute } from './routes/gaps.js';
import { healthRoute } from './routes/health.js';
import { overviewRoute } from './routes/overview.js';
import { repairsRoute } from './routes/repairs.js';
import { runsRoute } from './routes/runs.js';
import { seriesRoute } from './routes/series.js';
import { storedRoute } from './routes/stored.js';
import { tickersRoute } from './routes/tickers.js';
import { RunsReading } from './runs/runs-reading.js';
import { security, type SecurityOptions } from './security.js';
import { staticPage } from './static-page.js';

export interface AppOptions extends SecurityOptions, StreamContext {
  readonly connections: Connections;
  /** Where the built page is. */
  readonly pageFolder: string;
}

/** The page and what it asks for. */
export function createApp(options: AppOptions): Hono {
  const { connections, logger } = options;
  const runs = new RunsReading(connections);
  const app = new Hono();
  app
    .use(security(options))
    .route('/api/overview', overviewRoute(connections))
    .route('/api/coverage', coverageRoute(connections))
    .route('/api/stored', storedRoute(connections))
    .route('/api/gaps', gapsRoute(connections))
    .route('/api/series', seriesRoute(connections))
    .route('/api/candles', candlesRoute(connections, options))
    .route('/api/tickers', tickersRoute(options))
    .route('/api/runs', runsRoute(connections, runs))
    .route('/api/health', healthRoute(connections))
    .route('/api/backfills', backfillsRoute(connections, runs))
    .route('/api/repairs', repairsRoute(connections, runs))
    .use(staticPage(options.pageFolder));
  app.notFound(() => {
    throw new Refused(404, 'there is nothing here');
  });
  app.onError((error, context) => {
    const { status, fault } = faultOf(error);
    logFault(logger, context, error);
    return context.json<Fault>(fault, status);
  });
  return app;
}
