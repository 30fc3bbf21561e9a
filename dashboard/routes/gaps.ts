import { Hono } from 'hono';
import { z } from 'zod';
import { readGaps } from '../../storage/read-gaps.js';
import type { GapList } from '../api.js';
import type { Connections } from '../connections.js';
import { listedGap } from '../listed-gap.js';
import { numberText, queryOf, symbolSchema, timeframeSchema, timeSchema } from '../query-of.js';

const MOST_GAPS = 200;

const time = numberText(timeSchema).optional();

const querySchema = z
  .object({
    symbol: symbolSchema.optional(),
    timeframe: timeframeSchema.optional(),
    from: time,
    to: time,
  })
  .refine(({ from, to }) => (from === undefined) === (to === undefined), {
    message: 'from and to must be given together',
  })
  .refine(({ from = 0, to = 1 }) => from < to, { message: 'from must lie before to' });

/** GET /api/gaps */
export function gapsRoute({ database, config }: Connections): Hono {
  const route = new Hono();
  route.get('/', async (context) => {
    const { symbol, timeframe, from, to } = queryOf(context, querySchema);
    const { gaps, more } = await readGaps(database, {
      symbols: symbol === undefined ? undefined : [symbol],
      timeframes: timeframe === undefined ? undefined : [timeframe],
      range: from === undefined || to === undefined ? undefined : { fromMs: from, toMs: to },
      openOnly: true,
      limit: MOST_GAPS,
    });
    const answer: GapList = { gaps: gaps.map((gap) => listedGap(config.temporal, gap)), more };
    return context.json(answer);
  });
  return route;
}
