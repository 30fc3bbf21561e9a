import { Hono } from 'hono';
import { z } from 'zod';
import { timeframeMs } from '../../domain/timeframe.js';
import { readCompleteness } from '../../storage/completeness.js';
import { readReachedMs } from '../../storage/verify/read-records.js';
import { MOST_COUNTED_MS, type StoredCount } from '../api.js';
import type { Connections } from '../connections.js';
import { numberText, queryOf, symbolSchema, timeframeSchema, timeSchema } from '../query-of.js';

const time = numberText(timeSchema);

const querySchema = z
  .object({ symbol: symbolSchema, timeframe: timeframeSchema, from: time, to: time })
  .refine(({ from, to }) => from < to && to - from <= MOST_COUNTED_MS, {
    message: 'from must lie before to, by 31 days at most',
  });

/** GET /api/stored */
export function storedRoute({ database }: Connections): Hono {
  const route = new Hono();
  route.get('/', async (context) => {
    const { symbol, timeframe, from, to } = queryOf(context, querySchema);
    const reachedMs = await readReachedMs(database, Date.now());
    const range = { fromMs: from, toMs: Math.min(to, reachedMs) };
    const series = { symbol, timeframe };
    const { candles, stored, missing } = await readCompleteness(database, {
      ...{ series, range, reachedMs },
    });
    const lost = missing
      .filter(({ reason }) => reason === 'lost')
      .reduce((sum, { period }) => sum + period.toMs - period.fromMs, 0);
    const answer: StoredCount = { candles, stored, lost: lost / timeframeMs(timeframe) };
    return context.json(answer);
  });
  return route;
}
