import type { RetentionRequest } from '../domain/retention.js';
import { RETENTION_SCHEDULE_ID, RETENTION_WORKFLOW_TYPE } from '../domain/workflow-names.js';
import type { Config } from '../runtime/config.js';
import {
  applySchedule,
  deleteSchedule,
  triggerSchedule,
  type ScheduleDefinition,
} from '../runtime/schedules.js';
import { connectTemporal } from '../runtime/temporal.js';

const MINUTE_MS = 60_000;

/** Hourly, because a day that was held back goes as soon as its longer candles are there. */
const EVERY_MS = 60 * MINUTE_MS;

const REQUEST: RetentionRequest = { dryRun: false };

const SCHEDULE: ScheduleDefinition = {
  scheduleId: RETENTION_SCHEDULE_ID,
  everyMs: EVERY_MS,
  offsetMs: 10 * MINUTE_MS,
  jitterMs: 2 * MINUTE_MS,
  // what an outage missed, the next run does
  catchupMs: EVERY_MS,
  workflowType: RETENTION_WORKFLOW_TYPE,
  input: REQUEST,
  kind: 'retention',
  summary: 'Retention: removes candles older than RETENTION',
  details:
    'A day goes when longer candles vouch for it. What would go, and what is held back and why: ' +
    '`m1 retention run --dry-run`',
};

/**
 * Makes the Schedule what `RETENTION` of this worker says: there, and run at once, because the rules may
 * be new; or away. May be repeated.
 *
 * @throws ServerAway when Temporal does not answer
 */
export async function ensureRetentionSchedule({
  temporal,
  retentionMs,
}: Pick<Config, 'temporal' | 'retentionMs'>): Promise<void> {
  const connected = await connectTemporal(temporal);
  try {
    if (retentionMs.size === 0) {
      await deleteSchedule(connected, RETENTION_SCHEDULE_ID);
      return;
    }
    await applySchedule(connected, SCHEDULE);
    // A run under way goes by the rules with which it began, so this one follows it. Not by the option
    // `triggerImmediately`: the server would not count that run as running.
    await triggerSchedule(connected, RETENTION_SCHEDULE_ID);
  } finally {
    await connected.close();
  }
}
