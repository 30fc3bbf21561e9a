import { ScheduleOverlapPolicy, type ScheduleDescription } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { COLLECTOR_KIND } from '../domain/search-attributes.js';
import { TASK_QUEUE } from '../domain/workflow-names.js';
import type { TemporalClient } from './temporal.js';

const SECOND_MS = 1_000;

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

/**
 * Creates the Schedule, or changes the one of this id: it keeps its history, and its pause unless it is
 * to `resume`. That is one change with the rest: the server takes up what comes within a few
 * milliseconds in an order of its own, and a pause that was ended beside the change would be back.
 *
 * @param resume ends a pause, and is the note that says by what
 */
export async function applySchedule(
  { client }: Scheduling,
  definition: ScheduleDefinition,
  { resume }: { readonly resume?: string } = {},
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
    await client.schedule.getHandle(scheduleId).update(({ state }) => ({
      ...plan,
      state: resume === undefined ? state : { ...state, paused: false, note: resume },
    }));
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

/**
 * Starts it once now, with all changes that were made before; after the run that goes on, when there is
 * one.
 *
 * The server names a run by the second of its start. Of two runs with one name the earlier one cannot
 * be told from the later one, so this waits for the next second where it has to.
 *
 * @returns whether there is one
 */
export async function triggerSchedule(
  { client }: Scheduling,
  scheduleId: string,
): Promise<boolean> {
  const handle = client.schedule.getHandle(scheduleId);
  const done = await ifThere(async () => {
    const { info } = await handle.describe();
    await secondOver(info.recentActions.at(-1)?.takenAt);
    await handle.trigger(ScheduleOverlapPolicy.BUFFER_ONE);
    return true;
  });
  return done ?? false;
}

async function secondOver(taken: Date | undefined): Promise<void> {
  const leftMs = (taken?.getTime() ?? -Infinity) + SECOND_MS - Date.now();
  // more than that is another clock, which says nothing
  if (leftMs > 0 && leftMs <= SECOND_MS) await sleep(leftMs);
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
