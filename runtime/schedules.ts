import { ScheduleOverlapPolicy, type ScheduleDescription } from '@temporalio/client';
import { COLLECTOR_KIND } from '../domain/search-attributes.js';
import { TASK_QUEUE } from '../domain/workflow-names.js';
import type { TemporalClient } from './temporal.js';

/** What schedules need of a client. */
type Scheduling = Pick<TemporalClient, 'client'>;

/** A workflow that is started again and again. */
export interface ScheduleDefinition {
  readonly scheduleId: string;
  /** The period, counted from 1970 UTC, ms. */
  readonly everyMs: number;
  /** So long after the begin of each period, ms. */
  readonly offsetMs: number;
  /** By chance up to so much later, ms. */
  readonly jitterMs: number;
  /**
   * Starts that were missed while Temporal was down are made up for only within this time, ms: the
   * default of a year would start one after the other for all of them.
   */
  readonly catchupMs: number;
  readonly workflowType: string;
  /** The one argument of the workflow. */
  readonly input: unknown;
  /** Value of the search attribute `CollectorKind`. */
  readonly kind: string;
  /** One line for the Web UI. */
  readonly summary: string;
  /** What the runs do and what to do about them, Markdown for the Web UI. */
  readonly details: string;
}

/** Creates the Schedule, or changes the one of this id: it keeps its history, and its pause. */
export async function applySchedule(
  { client }: Scheduling,
  definition: ScheduleDefinition,
): Promise<'created' | 'updated'> {
  const { scheduleId, everyMs, offsetMs, jitterMs, catchupMs } = definition;
  const plan = {
    spec: { intervals: [{ every: everyMs, offset: offsetMs }], jitter: jitterMs },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: catchupMs },
    action: {
      type: 'startWorkflow' as const,
      workflowType: definition.workflowType,
      // the server adds the time of the start
      workflowId: scheduleId,
      taskQueue: TASK_QUEUE,
      args: [definition.input],
      staticSummary: definition.summary,
      staticDetails: definition.details,
      typedSearchAttributes: [{ key: COLLECTOR_KIND, value: definition.kind }],
    },
  };
  try {
    await client.schedule.create({ scheduleId, ...plan });
    return 'created';
  } catch (error) {
    if (!isNamed(error, 'ScheduleAlreadyRunning')) throw error;
    await client.schedule.getHandle(scheduleId).update(({ state }) => ({ ...plan, state }));
    return 'updated';
  }
}

/** @returns undefined when there is none */
export async function describeSchedule(
  { client }: Scheduling,
  scheduleId: string,
): Promise<ScheduleDescription | undefined> {
  return ifThere(() => client.schedule.getHandle(scheduleId).describe());
}

/** @returns whether there was one */
export async function deleteSchedule({ client }: Scheduling, scheduleId: string): Promise<boolean> {
  const deleted = await ifThere(async () => {
    await client.schedule.getHandle(scheduleId).delete();
    return true;
  });
  return deleted ?? false;
}

/** @returns whether there is one */
export async function pauseSchedule(
  { client }: Scheduling,
  scheduleId: string,
  paused: boolean,
): Promise<boolean> {
  const done = await ifThere(async () => {
    const handle = client.schedule.getHandle(scheduleId);
    await (paused ? handle.pause('m1 sync pause') : handle.unpause('m1 sync resume'));
    return true;
  });
  return done ?? false;
}

/** Starts it once now; after the run that goes on, when there is one. @returns whether there is one */
export async function triggerSchedule(
  { client }: Scheduling,
  scheduleId: string,
): Promise<boolean> {
  const done = await ifThere(async () => {
    await client.schedule.getHandle(scheduleId).trigger(ScheduleOverlapPolicy.BUFFER_ONE);
    return true;
  });
  return done ?? false;
}

async function ifThere<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isNamed(error, 'ScheduleNotFoundError')) return undefined;
    throw error;
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
