import { Hono } from 'hono';
import { z } from 'zod';
import { UNPROVED_KINDS, type GapRecord } from '../../domain/gap.js';
import { repairPages } from '../../domain/repair.js';
import { timeframeMs, type Timeframe } from '../../domain/timeframe.js';
import { REPAIR_WORKFLOW_ID } from '../../domain/workflow-names.js';
import { makeDue } from '../../storage/make-due.js';
import { readAllGaps } from '../../storage/read-all-gaps.js';
import { wakeRepair } from '../../steering/wake-repair.js';
import type { RepairPreview } from '../api.js';
import type { Connections } from '../connections.js';
import { bodyOf, symbolSchema, timeframeSchema, timeSchema } from '../query-of.js';
import { readBudget, type Budget } from '../read-budget.js';
import type { RunsReading } from '../runs/runs-reading.js';

const MOST_RANGES = 5_000;

/** The budget counts the requests of so many seconds. */
const SPAN_SECONDS = 5;

const rangeSchema = z
  .strictObject({
    symbol: symbolSchema,
    timeframe: timeframeSchema,
    fromMs: timeSchema,
    toMs: timeSchema,
  })
  .refine(({ fromMs, toMs }) => fromMs < toMs, { message: 'fromMs must lie before toMs' });

const bodySchema = z.strictObject({
  ranges: z.array(rangeSchema).min(1).max(MOST_RANGES),
  preview: z.boolean().optional(),
});

/** Symbols of which the same is asked for. */
interface RangeOfSymbols {
  readonly symbols: string[];
  readonly timeframes: readonly Timeframe[];
  readonly range: { readonly fromMs: number; readonly toMs: number };
}

/** POST /api/repairs */
export function repairsRoute(connections: Connections, runs: RunsReading): Hono {
  const { database } = connections;
  const route = new Hono();
  route.post('/', async (context) => {
    const { ranges, preview = false } = await bodyOf(context, bodySchema);
    const choices = bySpan(ranges);
    if (preview) {
      const found: (readonly GapRecord[])[] = [];
      for (const choice of choices) {
        const filter = { ...choice, kinds: UNPROVED_KINDS, openOnly: true };
        found.push(await readAllGaps(database, filter));
      }
      return context.json(previewOf(found.flat(), await readBudget(connections)));
    }
    let due = 0;
    for (const choice of choices) {
      const gaps = await makeDue(database, { ...choice, kinds: UNPROVED_KINDS }, Date.now());
      due += gaps.length;
    }
    if (due > 0) {
      await wakeRepair(await connections.temporal());
      runs.changed(REPAIR_WORKFLOW_ID);
    }
    return context.json({}, 202);
  });
  return route;
}

function bySpan(ranges: z.infer<typeof bodySchema>['ranges']): readonly RangeOfSymbols[] {
  const found = new Map<string, RangeOfSymbols>();
  for (const { symbol, timeframe, ...range } of ranges) {
    const key = `${timeframe} ${range.fromMs} ${range.toMs}`;
    const known = found.get(key) ?? { symbols: [], timeframes: [timeframe], range };
    known.symbols.push(symbol);
    found.set(key, known);
  }
  return [...found.values()];
}

/** A gap is asked for whole, also where only a part of it was chosen. */
function previewOf(gaps: readonly GapRecord[], budget: Budget): RepairPreview {
  const byId = new Map(gaps.map((gap) => [gap.id, gap]));
  const requests = repairPages([...byId.values()]).length;
  const candles = [...byId.values()].reduce(
    (sum, { period, timeframe }) => sum + (period.toMs - period.fromMs) / timeframeMs(timeframe),
    0,
  );
  return { gaps: byId.size, candles, requests, seconds: secondsFor(requests, budget) };
}

/** What is free goes at once, the rest as the venue's limit lets it. */
function secondsFor(requests: number, budget: Budget): number {
  if (requests === 0) return 0;
  const { used = 0, limit, bannedUntilMs = 0 } = budget;
  const waiting = Math.max(0, requests - Math.max(0, limit - used));
  const bannedSeconds = Math.max(0, bannedUntilMs - Date.now()) / 1000;
  return Math.ceil(1 + bannedSeconds + (waiting / limit) * SPAN_SECONDS);
}
