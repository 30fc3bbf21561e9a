import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { startHeartbeat } from './heartbeat.js';
import { endOfPlanning, RequestFailures, type FailureCounts } from './request-failures.js';
import { translated } from './translated.js';

/** Key of the failures of planning: no pair has such a name. */
const PLAN = 'plan';

/**
 * Makes a plan and counts its failure, of which `onFailed` is told before what the attempt ends with
 * is thrown.
 */
export async function countedPlan<Plan>(
  failures: RequestFailures,
  onFailed: (counts: FailureCounts) => void,
  makePlan: () => Promise<Plan>,
): Promise<Plan> {
  try {
    return await failures.count(PLAN, [], makePlan);
  } catch (error) {
    onFailed(failures.counts);
    throw endOfPlanning(error);
  }
}

/** Runs an activity that does nothing but plan: its heartbeat carries how often that has failed. */
export function planned<Plan>(
  nowMs: () => number,
  makePlan: (signal: AbortSignal) => Promise<Plan>,
): Promise<Plan> {
  return translated(nowMs, async () => {
    const failures = new RequestFailures(
      (activityInfo().heartbeatDetails as FailureCounts | undefined) ?? {},
    );
    const heartbeat = startHeartbeat(failures.counts);
    try {
      return await countedPlan(
        failures,
        (counts) => heartbeat.progress(counts),
        () => makePlan(cancellationSignal()),
      );
    } finally {
      heartbeat.stop();
    }
  });
}
