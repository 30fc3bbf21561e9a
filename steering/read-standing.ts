import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { StreamActivities } from '../activities/stream/types.js';
import { reasonOf } from '../domain/failure.js';
import type { StreamFigures, StreamStatus } from '../domain/stream.js';
import type { TemporalClient } from '../runtime/temporal.js';
import { queryPatienceMs, queryRun } from './missing-worker.js';
import type { StreamActivity, StreamStanding } from './stream-standing.js';

/** What is read of an activity that the server has not seen the end of. */
export interface PendingActivity {
  readonly activityType?: { readonly name?: string | null } | null;
  readonly state?: number | null;
  readonly heartbeatDetails?: { readonly payloads?: readonly Payload[] | null } | null;
  readonly lastFailure?: { readonly message?: string | null } | null;
  readonly scheduledTime?: Timestamp | null;
  readonly lastHeartbeatTime?: Timestamp | null;
}

interface Timestamp {
  /** A number, or the long one of protobuf. */
  readonly seconds?: unknown;
  readonly nanos?: number | null;
}

/** The activity that holds the sockets: others choose symbols, before it and beside it. */
const STREAM_ACTIVITY: keyof StreamActivities = 'runStream';

const STARTED = 2;

const DESCRIBE_TIMEOUT_MS = 3_000;

/** Asks the workflow and the server for what each of them knows. Never fails. */
export async function readStanding(
  temporal: TemporalClient,
  workflowId: string,
): Promise<StreamStanding> {
  const [status, activity] = await Promise.all([
    queryPatienceMs(temporal).then((patienceMs) =>
      queryRun<StreamStatus>(temporal, workflowId, 'status', patienceMs),
    ),
    readActivity(temporal, workflowId),
  ]);
  return { status, answered: status !== undefined, activity };
}

async function readActivity(
  { client }: TemporalClient,
  workflowId: string,
): Promise<StreamActivity | undefined> {
  try {
    const { raw } = await client.withDeadline(Date.now() + DESCRIBE_TIMEOUT_MS, () =>
      client.workflow.getHandle(workflowId).describe(),
    );
    return newestActivity(raw.pendingActivities ?? []);
  } catch {
    // the query is not answered either then, and the view says why
    return undefined;
  }
}

/**
 * Of the activities that hold sockets (two while one takes over from the other) the newest; the other
 * one until the newest has told its figures.
 */
export function newestActivity(pending: readonly PendingActivity[]): StreamActivity | undefined {
  const newestFirst = pending
    .filter(({ activityType }) => activityType?.name === STREAM_ACTIVITY)
    .sort((a, b) => (timeMs(b.scheduledTime) ?? 0) - (timeMs(a.scheduledTime) ?? 0))
    .map(activityOf);
  return newestFirst.find(({ figures }) => figures !== undefined) ?? newestFirst[0];
}

function activityOf(pending: PendingActivity): StreamActivity {
  const [details] = pending.heartbeatDetails?.payloads ?? [];
  const failure = pending.lastFailure?.message ?? '';
  return {
    started: pending.state === STARTED,
    figures:
      details === undefined
        ? undefined
        : defaultPayloadConverter.fromPayload<StreamFigures>(details),
    heartbeatAtMs: timeMs(pending.lastHeartbeatTime),
    lastFailure: failure === '' ? undefined : reasonOf(failure),
  };
}

function timeMs(time: Timestamp | null | undefined): number | undefined {
  if (time === undefined || time === null) return undefined;
  return Number(time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6;
}
