import { ScheduleOverlapPolicy, type Client, type ScheduleOptions } from '@temporalio/client';
import type { RetentionRequest } from '../domain/retention.js';
import {
  RETENTION_SCHEDULE_ID,
  RETENTION_WORKFLOW_TYPE,
  TASK_QUEUE,
} from '../domain/workflow-names.js';
import type { Config } from '../runtime/config.js';
import { connectTemporal } from '../runtime/temporal.js';

/** Hourly, because a day that was held back goes as soon as its longer candles are there. */
const EVERY = '1h';

const REQUEST: RetentionRequest = { dryRun: false };

const SCHEDULE = {
  scheduleId: RETENTION_SCHEDULE_ID,
  spec: { intervals: [{ every: EVERY, offset: '10m' }], jitter: '2m' },
  action: {
    type: 'startWorkflow',
    workflowType: RETENTION_WORKFLOW_TYPE,
    workflowId: RETENTION_SCHEDULE_ID,
    taskQueue: TASK_QUEUE,
    args: [REQUEST],
    staticSummary: 'Removes candles older than RETENTION',
  },
  // What an outage missed, the next run does.
  policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: EVERY },
} as const satisfies ScheduleOptions;

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
    if (retentionMs.size === 0) await removeSchedule(connected.client);
    else await createOrUpdate(connected.client);
  } finally {
    await connected.close();
  }
}

async function removeSchedule({ schedule }: Client): Promise<void> {
  try {
    await schedule.getHandle(RETENTION_SCHEDULE_ID).delete();
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ScheduleNotFoundError')) throw error;
  }
}

async function createOrUpdate({ schedule }: Client): Promise<void> {
  const handle = schedule.getHandle(RETENTION_SCHEDULE_ID);
  try {
    await schedule.create(SCHEDULE);
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ScheduleAlreadyRunning')) throw error;
    const { spec, action, policies } = SCHEDULE;
    await handle.update(({ state }) => ({ spec, action, policies, state }));
  }
  // A run under way goes by the rules with which it began, so this one follows it. Not by the option
  // `triggerImmediately`: the server would not count that run as running.
  await handle.trigger(ScheduleOverlapPolicy.BUFFER_ONE);
}
