import { activityInfo, cancellationSignal, getClient } from '@temporalio/activity';
import { reasonOf, RetrySoon } from '../../domain/failure.js';
import type { Series } from '../../domain/series.js';
import { closedUntilMs } from '../../domain/settle.js';
import type {
  CandleStore,
  FetchOrigin,
  GapQueue,
  LiveCandleStore,
  RowScan,
  SourceStore,
} from '../../domain/stores.js';
import {
  answeredUntilMs,
  type FollowedStore,
  type StreamWish,
  type SyncOutcome,
  type SyncRequest,
} from '../../domain/sync.js';
import type { Timeframe } from '../../domain/timeframe.js';
import type { Logger } from '../../runtime/logger.js';
import type { SyncMetrics } from '../../runtime/metrics/sync-metrics.js';
import { refreshSymbols, type ChooseDeps } from '../choose-symbols.js';
import { currentOrigin } from '../current-origin.js';
import { startHeartbeat } from '../heartbeat.js';
import { countedPlan } from '../planning.js';
import { wakeRepair } from '../repair/wake-repair.js';
import { refuseOtherSource } from '../refuse-other-source.js';
import { RequestFailures, type FailureCounts } from '../request-failures.js';
import { translated } from '../translated.js';
import { chooseFollowed, type ChosenSet } from './choose-followed.js';
import { lastSweep } from './last-sweep.js';
import { adaptStream, backfillRuns } from './neighbours.js';
import { FRESH_SYNC, type SyncCursor } from './sync-cursor.js';
import { Sync } from './sync.js';
import type { SyncActivities } from './types.js';

export interface SyncActivityDeps extends ChooseDeps {
  readonly candles: CandleStore;
  readonly live: LiveCandleStore;
  readonly followed: FollowedStore;
  readonly gaps: GapQueue;
  readonly rows: RowScan;
  readonly source: SourceStore;
  readonly sourceLabel: string;
  readonly metrics: SyncMetrics;
  readonly log: Logger;
  /** Local clock, ms since 1970. */
  readonly nowMs: () => number;
}

/** The activities of a sync. */
export function createSyncActivities(deps: SyncActivityDeps): SyncActivities {
  return {
    syncTimeframe: (request) =>
      translated(deps.nowMs, async () => {
        await refuseOtherSource(deps.source, deps.sourceLabel);
        const cursor = (activityInfo().heartbeatDetails as SyncCursor | undefined) ?? FRESH_SYNC;
        const heartbeat = startHeartbeat(cursor);
        const attempt = { cursor, signal: cancellationSignal(), origin: currentOrigin('rest') };
        try {
          return await syncTimeframe(deps, request, {
            ...attempt,
            onProgress: (next) => heartbeat.progress(next),
          });
        } finally {
          heartbeat.stop();
        }
      }),

    adaptStream: (wish) => adaptStreamTo(deps.log, wish),
  };
}

interface Attempt {
  readonly cursor: SyncCursor;
  readonly signal: AbortSignal;
  readonly origin: FetchOrigin;
  readonly onProgress: (cursor: SyncCursor) => void;
}

async function syncTimeframe(
  deps: SyncActivityDeps,
  request: SyncRequest,
  attempt: Attempt,
): Promise<SyncOutcome> {
  const { timeframe } = request;
  const began = activityInfo().scheduledTimestampMs;
  const { set, failures } = await chooseSet(deps, request, attempt);
  await deps.followed.follow(set.symbols);
  await deps.followed.reopenRelisted(timeframe);
  const sync = new Sync(
    { ...deps, ...attempt },
    { ...set, timeframe },
    { ...attempt.cursor, failures },
  );
  const unknown = await sync.run();
  await judgeRefused(deps, sync, attempt.signal);
  const sealed = await sealDelisted(deps, timeframe, set.venueTimeMs, attempt);
  if (await hasRepairs(deps)) await wakeRepair(getClient());
  const { candles, revised, requests, behindMs, failed } = sync.cursor;
  const lagMs = await lagOf(deps.candles, set, timeframe);
  deps.metrics.synced(timeframe, { candles, revised, failed: failed.length, lagMs });
  return {
    result: {
      status: failed.length === 0 ? 'done' : 'partial',
      source: deps.sourceLabel,
      timeframe,
      venueTimeMs: set.venueTimeMs,
      series: set.symbols.length,
      ...{ candles, revised, behindMs, lagMs, failed, sealed },
      requests: requests + set.requests,
      seconds: (deps.nowMs() - began) / 1000,
      unlisted: set.unlisted,
    },
    newcomers: await newcomersOf(deps.followed, set, unknown),
    stream: streamWish(request, set),
  };
}

/** The repair compares the stored rows too, and may not run as long as nothing is missing. */
async function hasRepairs({ gaps, rows }: SyncActivityDeps): Promise<boolean> {
  return (await gaps.due(1)).length > 0 || rows.isDue();
}

async function chooseSet(
  deps: SyncActivityDeps,
  request: SyncRequest,
  { cursor, signal, onProgress }: Attempt,
): Promise<{ set: ChosenSet; failures: FailureCounts }> {
  const failures = new RequestFailures(cursor.failures);
  const set = await countedPlan(
    failures,
    (counts) => onProgress({ ...cursor, failures: counts }),
    () => chooseFollowed(deps, request, { budgetClass: 'upkeep', signal }),
  );
  return { set, failures: failures.counts };
}

/** A listed pair that is refused may have been delisted since the listing was read. */
async function judgeRefused(
  deps: SyncActivityDeps,
  sync: Sync,
  signal: AbortSignal,
): Promise<void> {
  if (sync.refused.size === 0) return;
  await refreshSymbols(deps, { budgetClass: 'upkeep', signal });
  const active = new Set(await deps.symbols.activeSymbols());
  for (const symbol of sync.refused) {
    if (active.has(symbol)) await sync.recordFailed(symbol, sync.reasonFor(symbol));
  }
}

/** @returns pairs whose series of this timeframe ends here */
async function sealDelisted(
  deps: SyncActivityDeps,
  timeframe: Timeframe,
  venueTimeMs: number,
  { signal, origin }: Attempt,
): Promise<readonly string[]> {
  const swept: Series[] = [];
  for (const series of await deps.followed.unsealed(timeframe)) {
    try {
      await lastSweep({ ...deps, signal, origin }, series, venueTimeMs);
      swept.push(series);
    } catch (error) {
      if (!(error instanceof RetrySoon)) throw error;
      deps.log.warn(
        `the end of ${series.symbol} could not be read, the next sync does: ${error.message}`,
      );
    }
  }
  await deps.candles.settleAfterDelisting(swept, closedUntilMs(timeframe, venueTimeMs), origin);
  return swept.map(({ symbol }) => symbol);
}

/** How far the series furthest behind is behind the venue's clock, ms. */
async function lagOf(
  candles: CandleStore,
  { symbols, venueTimeMs }: ChosenSet,
  timeframe: Timeframe,
): Promise<number | undefined> {
  const range = { fromMs: 0, toMs: venueTimeMs };
  const states = await candles.seriesStates(symbols, [timeframe], range);
  const ends = states.flatMap((state) => answeredUntilMs(state) ?? []);
  return ends.length === 0 ? undefined : Math.max(0, venueTimeMs - Math.min(...ends));
}

/** Pairs of the set without a history. While a backfill runs they are left for the next sync. */
async function newcomersOf(
  followed: FollowedStore,
  { symbols }: ChosenSet,
  unknown: readonly string[],
): Promise<readonly string[]> {
  const newcomers = new Set([...unknown, ...(await followed.neverProbed(symbols))]);
  if (newcomers.size === 0 || (await backfillRuns())) return [];
  return [...newcomers].sort();
}

/**
 * Named pairs change when one is listed or delisted, which the stream learns with the next sync. The
 * top changes all the time at its lower end: hourly is often enough to move sockets for that.
 */
function streamWish(
  { pairs, timeframe, withStream }: SyncRequest,
  { symbols }: ChosenSet,
): StreamWish | undefined {
  const turn: Timeframe = pairs.kind === 'top' ? '1h' : '5m';
  if (!withStream || timeframe !== turn || symbols.length === 0) return undefined;
  return { pairs: pairs.kind === 'top' ? pairs : { kind: 'symbols', symbols }, symbols };
}

/** The candles of the set are synced in any case: what hinders the stream is no failure of the run. */
async function adaptStreamTo(log: Logger, wish: StreamWish): Promise<void> {
  try {
    if (await adaptStream(wish)) {
      log.info({ symbols: wish.symbols.length }, 'the stream follows the pairs of the sync now');
    }
  } catch (error) {
    log.warn(
      `the stream was not told of the new pairs (${reasonOf(error)}): the next sync does it`,
    );
  }
}
