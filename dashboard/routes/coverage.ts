import { Hono } from 'hono';
import { z } from 'zod';
import { openTimeMs, timeframeMs, type Timeframe } from '../../domain/timeframe.js';
import {
  readCoverageSpans,
  readCoveredSymbols,
  readNewestEndMs,
} from '../../storage/coverage-spans.js';
import type { Queryable } from '../../storage/database.js';
import type { CoverageGrid } from '../api.js';
import type { Connections } from '../connections.js';
import { coverageRows } from '../coverage-days.js';
import { numberText, queryOf, timeframeSchema } from '../query-of.js';
import { SharedReading } from '../shared-reading.js';

const DAY_MS = 86_400_000;
const MOST_DAYS = 3_660;

const querySchema = z.object({
  timeframe: timeframeSchema,
  days: numberText(z.number().min(1).max(MOST_DAYS)),
});

/** GET /api/coverage */
export function coverageRoute({ database }: Connections): Hono {
  // kept as text: a year of every pair is larger than what makes it
  const grids = new SharedReading(async (key) => {
    const { timeframe, days } = JSON.parse(key) as z.infer<typeof querySchema>;
    return JSON.stringify(await readGrid(database, timeframe, days));
  });
  const route = new Hono();
  route.get('/', async (context) => {
    const { timeframe, days } = queryOf(context, querySchema);
    const text = await grids.get(JSON.stringify({ timeframe, days }));
    return context.body(text, 200, { 'content-type': 'application/json' });
  });
  return route;
}

async function readGrid(
  database: Queryable,
  timeframe: Timeframe,
  days: number,
): Promise<CoverageGrid> {
  const endMs = (await readNewestEndMs(database, timeframe)) ?? Date.now();
  const lastMs = openTimeMs('1d', endMs - timeframeMs(timeframe));
  const fromMs = Math.max(0, lastMs - (days - 1) * DAY_MS);
  const symbols = await readCoveredSymbols(database, timeframe);
  const spans = await readCoverageSpans(database, timeframe, { fromMs, toMs: endMs });
  return { timeframe, fromMs, days, rows: coverageRows(symbols, spans, { fromMs, days }) };
}
