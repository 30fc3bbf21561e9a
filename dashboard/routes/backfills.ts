import { Hono } from 'hono';
import { z } from 'zod';
import {
  DEFAULT_DAYS,
  FAR_FUTURE_MS,
  MOST_DAYS,
  MOST_TOP,
  type BackfillRequest,
} from '../../domain/backfill.js';
import { parseTimeMs } from '../../domain/parse-time.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { startOrJoinBackfill } from '../../steering/start-run.js';
import { runLink } from '../../steering/web-ui.js';
import type { StartedRun } from '../api.js';
import type { Connections } from '../connections.js';
import { Refused } from '../faults.js';
import { bodyOf, symbolSchema, timeframeSchema } from '../query-of.js';
import type { RunsReading } from '../runs/runs-reading.js';

const time = z.string().transform((text, context) => {
  const timeMs = parseTimeMs(text);
  if (timeMs !== undefined && timeMs >= 0) return timeMs;
  context.addIssue('must be a date or time such as 2026-01-31 or 2026-01-31T08:00Z (UTC)');
  return z.NEVER;
});

const bodySchema = z
  .strictObject({
    symbols: z.array(symbolSchema).min(1, 'name at least one').max(MOST_TOP).optional(),
    top: z.number().int().min(1).max(MOST_TOP).optional(),
    timeframes: z.array(timeframeSchema).min(1, 'choose at least one').optional(),
    days: z.number().int().min(1).max(MOST_DAYS).optional(),
    from: time.optional(),
    to: time.optional(),
  })
  .refine(({ symbols, top }) => (symbols === undefined) !== (top === undefined), {
    message: 'exactly one of symbols and top is needed',
  })
  .refine(({ days, from, to }) => days === undefined || (from === undefined && to === undefined), {
    message: 'days excludes from and to',
  })
  .refine(({ from, to }) => to === undefined || (from !== undefined && from < to), {
    message: 'to needs a from that lies before it',
  });

/** POST /api/backfills */
export function backfillsRoute(connections: Connections, runs: RunsReading): Hono {
  const route = new Hono();
  route.post('/', async (context) => {
    const request = requestOf(await bodyOf(context, bodySchema));
    const run = await startOrJoinBackfill(await connections.temporal(), request);
    runs.changed(run.workflowId);
    const answer: StartedRun = { ...run, url: runLink(connections.config.temporal, run) };
    return context.json(answer, 202);
  });
  return route;
}

function requestOf(body: z.infer<typeof bodySchema>): BackfillRequest {
  const { symbols, top = 0, timeframes } = body;
  return {
    pairs:
      symbols === undefined
        ? { kind: 'top', count: top }
        : { kind: 'symbols', symbols: [...new Set(symbols)].sort() },
    timeframes: TIMEFRAMES.filter((one) => timeframes?.includes(one) ?? true),
    span: spanOf(body),
    onlyFailed: false,
    dryRun: false,
  };
}

function spanOf({ days, from, to }: z.infer<typeof bodySchema>): BackfillRequest['span'] {
  if (from === undefined) return { kind: 'days', days: days ?? DEFAULT_DAYS };
  if (from > Date.now() + FAR_FUTURE_MS) throw new Refused(400, 'from lies in the future');
  return { kind: 'range', fromMs: from, ...(to === undefined ? {} : { toMs: to }) };
}
