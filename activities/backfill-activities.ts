import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { CandleStore } from '../domain/stores.js';
import { todo } from '../domain/wanted.js';
import { currentOrigin } from './current-origin.js';
import { startHeartbeat } from './heartbeat.js';
import { planBackfill, type PlanDeps } from './plan.js';
import { planned } from './planning.js';
import { refuseOtherDatabase } from './refuse-other-source.js';
import { FRESH_CURSOR, SymbolBackfill, type SymbolCursor } from './symbol-backfill.js';
import { translated } from './translated.js';
import type { BackfillActivities, SymbolTask } from './types.js';

export interface BackfillActivityDeps extends PlanDeps {
  /** Local clock, ms since 1970: for waits only, never for the market. */
  readonly nowMs: () => number;
}

/** The activities of a backfill over given stores and venue. */
export function createBackfillActivities(deps: BackfillActivityDeps): BackfillActivities {
  return {
    planBackfill: (request) => planned(deps.nowMs, (signal) => planBackfill(deps, request, signal)),

    backfillSymbol: (task) =>
      translated(deps.nowMs, async () => {
        await refuseOtherDatabase(deps.source, deps.sourceLabel, task.databaseId);
        const cursor =
          (activityInfo().heartbeatDetails as SymbolCursor | undefined) ?? FRESH_CURSOR;
        const heartbeat = startHeartbeat(cursor);
        const origin = currentOrigin('rest');
        const backfill = new SymbolBackfill(
          {
            ...deps,
            origin,
            signal: cancellationSignal(),
            onProgress: (next) => heartbeat.progress(next),
          },
          task,
          cursor,
        );
        try {
          await backfill.run();
          const counts = await deps.candles.runCounts(origin.workflowId, origin.runId);
          return { ...counts, requests: counts.requests + backfill.otherRequests };
        } finally {
          heartbeat.stop();
        }
      }),

    recordFailed: (task, failed) =>
      translated(deps.nowMs, async () => {
        await refuseOtherDatabase(deps.source, deps.sourceLabel, task.databaseId);
        const origin = currentOrigin('rest');
        for (const { symbol, timeframe, reason } of failed) {
          const left = await stillToDo(deps.candles, task, timeframe);
          await deps.candles.settleFailed({ symbol, timeframe }, left, origin, reason);
        }
        return await deps.candles.runCounts(origin.workflowId, origin.runId);
      }),
  };
}

async function stillToDo(
  candles: CandleStore,
  task: SymbolTask,
  timeframe: SymbolTask['timeframes'][number],
) {
  const { symbol, fromMs, toMs, venueTimeMs, onlyFailed } = task;
  const range = { fromMs, toMs };
  const [state] = await candles.seriesStates([symbol], [timeframe], range);
  return state === undefined ? [] : todo(state, { range, venueTimeMs, onlyFailed });
}
