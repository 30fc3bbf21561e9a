import type { ScheduleDescription } from '@temporalio/client';
import { reasonOf } from '../../domain/failure.js';
import {
  syncScheduleId,
  type SyncRequest,
  type SyncResult,
  type SyncSet,
} from '../../domain/sync.js';
import { TIMEFRAMES, type Timeframe } from '../../domain/timeframe.js';
import { describeSchedule } from '../../runtime/schedules.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { deepestCause } from '../../steering/deepest-cause.js';

/** How a sync ended, or that it goes on. */
export interface SyncRun {
  readonly workflowId: string;
  readonly startedAtMs: number;
  /** `running`, `done`, `partial`, or Temporal's word for an end without a result, in lower case. */
  readonly status: string;
  /** Present when it came to its end. */
  readonly result: SyncResult | undefined;
  /** Why it failed, one line. */
  readonly reason: string | undefined;
}

/** One timeframe of a sync. */
export interface TimeframeSync {
  readonly timeframe: Timeframe;
  readonly paused: boolean;
  readonly last: SyncRun | undefined;
  /** The last run that came to its end, which may be an earlier one than `last`. */
  readonly lastResult: SyncResult | undefined;
  readonly nextAtMs: number | undefined;
  /** Runs that were not started: Temporal was down, or the run before went on. */
  readonly missed: { readonly whileDown: number; readonly stillRunning: number };
}

export interface SyncStatus {
  readonly set: SyncSet;
  readonly timeframes: readonly TimeframeSync[];
}

/** The last runs that are looked at for one that came to its end. */
const LOOK_BACK = 5;

/** What is kept up to date, and how that goes. @returns undefined when nothing is */
export async function readSync(temporal: TemporalClient): Promise<SyncStatus | undefined> {
  const read = await Promise.all(
    TIMEFRAMES.map(async (timeframe) => {
      const description = await describeSchedule(temporal, syncScheduleId(timeframe));
      return description && { timeframe, description };
    }),
  );
  const schedules = read.filter((each) => each !== undefined);
  const [first] = schedules;
  if (first === undefined) return undefined;
  return {
    set: setOf(first.description),
    timeframes: await Promise.all(schedules.map((each) => timeframeSync(temporal, each))),
  };
}

/** The set that a Schedule keeps. */
export function setOf({ action }: Pick<ScheduleDescription, 'action'>): SyncSet {
  const [{ pairs, days, withStream }] = action.args as [SyncRequest];
  return { pairs, days, withStream };
}

async function timeframeSync(
  temporal: TemporalClient,
  { timeframe, description }: { timeframe: Timeframe; description: ScheduleDescription },
): Promise<TimeframeSync> {
  const { info, state } = description;
  const newestFirst = info.recentActions.slice(-LOOK_BACK).reverse();
  let last: SyncRun | undefined;
  let lastResult: SyncResult | undefined;
  for (const { action } of newestFirst) {
    const run = await readRun(temporal, action.workflow);
    last ??= run;
    lastResult = run?.result;
    if (lastResult !== undefined) break;
  }
  return {
    timeframe,
    paused: state.paused,
    ...{ last, lastResult },
    nextAtMs: info.nextActionTimes[0]?.getTime(),
    missed: {
      whileDown: info.numActionsMissedCatchupWindow,
      stillRunning: info.numActionsSkippedOverlap,
    },
  };
}

/** @returns undefined for a run that Temporal has forgotten */
async function readRun(
  { client }: TemporalClient,
  { workflowId, firstExecutionRunId }: { workflowId: string; firstExecutionRunId: string },
): Promise<SyncRun | undefined> {
  const handle = client.workflow.getHandle<() => Promise<SyncResult>>(
    workflowId,
    firstExecutionRunId,
  );
  try {
    const { status, startTime } = await handle.describe();
    const run = { workflowId, startedAtMs: startTime.getTime() };
    const word = status.name.toLowerCase();
    if (status.name === 'RUNNING')
      return { ...run, status: word, result: undefined, reason: undefined };
    try {
      const result = await handle.result();
      return { ...run, status: result.status, result, reason: undefined };
    } catch (error) {
      return { ...run, status: word, result: undefined, reason: reasonOf(deepestCause(error)) };
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return undefined;
    throw error;
  }
}
