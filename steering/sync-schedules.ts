import { FRESHNESS_SCHEDULE_ID, FRESHNESS_WORKFLOW_TYPE } from '../domain/freshness.js';
import {
  syncScheduleId,
  SYNC_WORKFLOW_TYPE,
  type SyncRequest,
  type SyncSet,
} from '../domain/sync.js';
import { TIMEFRAMES, timeframeMs, type Timeframe } from '../domain/timeframe.js';
import type { ScheduleDefinition } from '../runtime/schedules.js';
import { pairsText } from './pairs-text.js';

/**
 * After a close the venue's answers may lag by seconds, and the stream reads its candles again after
 * five, ms.
 */
const AFTER_CLOSE_MS = 10_000;

/** Collectors all over the world read at the same moment, ms. */
const JITTER_MS = 10_000;

const MINUTE_MS = 60_000;

/** A sync reads all that is missing, so starts that were missed need no making up for. */
const CATCH_UP_PERIODS = 2;

/** One Schedule a timeframe. */
export function syncSchedule(timeframe: Timeframe, set: SyncSet): ScheduleDefinition {
  const input: SyncRequest = { ...set, timeframe };
  return {
    scheduleId: syncScheduleId(timeframe),
    everyMs: timeframeMs(timeframe),
    offsetMs: AFTER_CLOSE_MS,
    jitterMs: JITTER_MS,
    catchupMs: CATCH_UP_PERIODS * timeframeMs(timeframe),
    workflowType: SYNC_WORKFLOW_TYPE,
    input,
    kind: 'sync',
    summary: `Sync of the ${timeframe} candles of ${pairsText(set.pairs)}`,
    details:
      'Reads from the last stored candle to now, and the last three candles again. ' +
      'What one sync misses, the next one reads. State of all: `m1 sync status`',
  };
}

/** Looks each minute whether the followed series are up to date, half way between two syncs. */
export const FRESHNESS_SCHEDULE: ScheduleDefinition = {
  scheduleId: FRESHNESS_SCHEDULE_ID,
  everyMs: MINUTE_MS,
  offsetMs: MINUTE_MS / 2,
  jitterMs: 0,
  catchupMs: MINUTE_MS,
  workflowType: FRESHNESS_WORKFLOW_TYPE,
  input: undefined,
  kind: 'freshness',
  summary: 'Freshness: are the followed series up to date',
  details:
    'Compares the newest stored candle of each series with the clock of the venue. ' +
    'What is behind is an alert in the log, the metrics and at `ALERT_WEBHOOK_URL`.',
};

/** Ids of all Schedules of a sync. */
export const SCHEDULE_IDS = [...TIMEFRAMES.map(syncScheduleId), FRESHNESS_SCHEDULE_ID];
