import { cancellationSignal, cancelled } from '@temporalio/activity';
import { toTemporal } from './failures.js';

/** Runs an activity's work and turns what it throws into what Temporal does about it. */
export async function translated<Result>(
  nowMs: () => number,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    // A cancelled activity must end as cancelled, whatever its last request made of the abort.
    if (cancellationSignal().aborted) await cancelled();
    throw toTemporal(error, nowMs());
  }
}
