import { Hono } from 'hono';
import type { FollowedSeries } from '../../domain/freshness.js';
import { OUTSIDE_LIFE } from '../../domain/gap.js';
import { streamWorkflowId } from '../../domain/stream.js';
import { syncScheduleId } from '../../domain/sync.js';
import { TIMEFRAMES, type Timeframe } from '../../domain/timeframe.js';
import { describeSchedule } from '../../runtime/schedules.js';
import { pollingWorkers } from '../../runtime/worker-presence.js';
import { SqlFreshnessStore } from '../../storage/freshness-store.js';
import { readGapTotals } from '../../storage/totals.js';
import { readStanding } from '../../steering/read-standing.js';
import { streamWord } from '../../steering/stream-standing.js';
import type { Health } from '../api.js';
import type { Connections } from '../connections.js';
import { readBudget } from '../read-budget.js';
import { readServers } from '../read-servers.js';
import { describe } from '../runs/read-runs.js';
import { SharedReading } from '../shared-reading.js';

/** GET /api/health */
export function healthRoute(connections: Connections): Hono {
  const health = new SharedReading(() => readHealth(connections));
  const route = new Hono();
  route.get('/', async (context) => context.json(await health.get()));
  return route;
}

async function readHealth(connections: Connections): Promise<Health> {
  const { database } = connections;
  const [servers, workers, stream, budget, followed, gaps = []] = await Promise.all([
    readServers(connections),
    known(async () => pollingWorkers(await connections.temporal())),
    known(() => readStream(connections)),
    readBudget(connections),
    known(() => readFollowed(connections)),
    known(() => readGapTotals(database)),
  ]);
  return {
    ...{ servers, stream, budget },
    workers: workers ?? 0,
    lag: lagOf(followed ?? [], Date.now()),
    openGaps: gaps.filter(({ kind }) => !OUTSIDE_LIFE.includes(kind)),
    outsideCandles: gaps
      .filter(({ kind }) => OUTSIDE_LIFE.includes(kind))
      .reduce((sum, { candles }) => sum + candles, 0),
  };
}

/** What cannot be read is left out: `servers` says which server is away. */
async function known<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch {
    return undefined;
  }
}

/**
 * The table keeps the set when a sync is stopped: what is followed is what a Schedule follows. While
 * nobody knows of the Schedules, it is the table.
 */
async function readFollowed(connections: Connections): Promise<readonly FollowedSeries[]> {
  const [followed, scheduled] = await Promise.all([
    new SqlFreshnessStore(connections.database).followedSeries(),
    known(() => scheduledTimeframes(connections)),
  ]);
  return followed.filter(({ timeframe }) => scheduled?.includes(timeframe) ?? true);
}

async function scheduledTimeframes(connections: Connections): Promise<readonly Timeframe[]> {
  const temporal = await connections.temporal();
  const there = await Promise.all(
    TIMEFRAMES.map((timeframe) => describeSchedule(temporal, syncScheduleId(timeframe))),
  );
  return TIMEFRAMES.filter((_, index) => there[index] !== undefined);
}

async function readStream(connections: Connections): Promise<Health['stream']> {
  const temporal = await connections.temporal();
  const workflowId = streamWorkflowId();
  const run = await describe(temporal, workflowId);
  if (run === undefined || run.closedAtMs !== undefined) return undefined;
  const standing = await readStanding(temporal, workflowId);
  const figures = standing.activity?.figures;
  return {
    state: streamWord(standing),
    symbols: standing.status?.symbols.length ?? figures?.symbols ?? 0,
    lagMs: figures?.lagMs?.p50,
    reconnects: figures?.reconnects ?? 0,
    gaps: figures?.gaps ?? 0,
  };
}

/** One that never had a candle is behind since it was followed. */
function lagOf(followed: readonly FollowedSeries[], nowMs: number): Health['lag'] {
  return TIMEFRAMES.flatMap((timeframe) => {
    const own = followed.filter((series) => series.timeframe === timeframe);
    if (own.length === 0) return [];
    const oldestMs = Math.min(...own.map(({ newestMs, sinceMs }) => newestMs ?? sinceMs));
    return { timeframe, behindMs: Math.max(0, nowMs - oldestMs), series: own.length };
  });
}
