import { Hono } from 'hono';
import { readStatus } from '../../storage/status.js';
import type { SeriesList } from '../api.js';
import type { Connections } from '../connections.js';
import { SharedReading } from '../shared-reading.js';

/** It is a list to choose from, so it may be a little old, ms. */
const KEEP_MS = 5_000;

/** GET /api/series */
export function seriesRoute({ database }: Connections): Hono {
  const lists = new SharedReading(async () => {
    const list: SeriesList = { series: await readStatus(database) };
    return JSON.stringify(list);
  }, KEEP_MS);
  const route = new Hono();
  route.get('/', async (context) =>
    context.body(await lists.get(), 200, { 'content-type': 'application/json' }),
  );
  return route;
}
