import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';
import { REST_TASK_QUEUE, STREAM_TASK_QUEUE } from '../domain/workflow-names.js';

/*
 * Every timeout and retry of M1's activities. Nothing below an activity retries, so what stands
 * here is all there is.
 */

/**
 * Servers that are away come back sooner or later, and Temporal counts a worker's restart as an
 * attempt too: attempts are unlimited, and only what nothing can mend ends an activity. Failed
 * requests bring their own delay, see `activities/failures.ts`.
 */
const UNTIL_SERVERS_ARE_BACK: NonNullable<ActivityOptions['retry']> = {
  initialInterval: '1s',
  backoffCoefficient: 2,
  maximumInterval: '30s',
  nonRetryableErrorTypes: ['GiveUpRun', 'WrongUse', 'SeriesFailed'],
};

/** A worker that died is noticed after this long; cancellation arrives within 0.8 of it. */
const HEARTBEAT_TIMEOUT = '10s';

export const PLANNING: ActivityOptions = {
  taskQueue: REST_TASK_QUEUE,
  startToCloseTimeout: '10m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  // Without it a cancelled run would end before its activity has.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: UNTIL_SERVERS_ARE_BACK,
};

export const BACKFILLING: ActivityOptions = {
  ...PLANNING,
  // Years of history behind a banned IP take long; the heartbeat is what tells life from death.
  startToCloseTimeout: '30d',
};

export const RECORDING: ActivityOptions = {
  taskQueue: REST_TASK_QUEUE,
  startToCloseTimeout: '1m',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: UNTIL_SERVERS_ARE_BACK,
};

/** Another activity takes over long before this time, see `ROTATE_AFTER`. */
const STREAM_LIFETIME = '30d';

export const STREAMING: ActivityOptions = {
  taskQueue: STREAM_TASK_QUEUE,
  startToCloseTimeout: STREAM_LIFETIME,
  // No worker is no reason to give up: the stream begins when one is there.
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { ...UNTIL_SERVERS_ARE_BACK, maximumInterval: '10s' },
};

export const REPAIRING: ActivityOptions = BACKFILLING;

export const VERIFYING: ActivityOptions = BACKFILLING;

export const RETAINING: ActivityOptions = PLANNING;

/** The next sync reads what this one has not, so a stuck one must not hold it up for ever. */
export const SYNCING: ActivityOptions = { ...PLANNING, startToCloseTimeout: '1d' };

/** The check comes every minute: one that cannot be made is told, not waited for. */
export const CHECKING: ActivityOptions = {
  taskQueue: REST_TASK_QUEUE,
  startToCloseTimeout: '30s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { ...UNTIL_SERVERS_ARE_BACK, maximumAttempts: 3 },
};
