import { setTimeout as sleep } from 'node:timers/promises';
import { ServerAway, WrongUse } from '../../domain/failure.js';
import {
  verifyWorkflowId,
  type VenueCheckRequest,
  type VenueCheckResult,
} from '../../domain/verify.js';
import { VERIFY_WORKFLOW_TYPE } from '../../domain/workflow-names.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { EXIT } from '../exit-codes.js';
import { awaitEnd } from '../../steering/await-end.js';
import { whyUnanswered } from '../../steering/missing-worker.js';
import { failedRun } from '../runs/run-outcome.js';
import { startOrJoin, type StartedRun } from '../../steering/start-run.js';

export interface VenueCheckOptions {
  readonly temporal: TemporalClient;
  readonly request: VenueCheckRequest;
  /** Tells of the run, and what the user must act upon. */
  readonly tell: (line: string) => void;
  readonly onStart: (run: StartedRun) => void;
  /** Cancels the comparison. */
  readonly signal: AbortSignal;
}

/** Whether a worker is there is looked at this often, ms. */
const CHECK_MS = 2_000;

/**
 * Has a worker compare stored candles with the exchange.
 *
 * @returns undefined when it was interrupted
 * @throws the failure of the run
 */
export async function checkWithVenue(
  options: VenueCheckOptions,
): Promise<VenueCheckResult | undefined> {
  const { temporal, request, onStart, signal } = options;
  const run = await startOrJoin(temporal, {
    workflowType: VERIFY_WORKFLOW_TYPE,
    workflowId: verifyWorkflowId(request),
    input: request,
    kind: 'verify',
    staticSummary: `Comparison of ${request.stretches} stored stretches with the exchange`,
    staticDetails:
      'Asks the exchange again for a random sample of what is stored; changes nothing.',
  });
  onStart(run);
  const done = new AbortController();
  const watching = watchWorker(options, run, done.signal);
  try {
    const end = await awaitEnd(temporal, run.workflowId, signal);
    if (end === undefined) {
      await temporal.client.workflow.getHandle(run.workflowId).cancel();
      return undefined;
    }
    if ('failure' in end) throw failureOf(end.failure);
    return end.result as VenueCheckResult;
  } finally {
    done.abort();
    await watching;
  }
}

async function watchWorker(
  { temporal, tell }: VenueCheckOptions,
  { workflowId }: StartedRun,
  signal: AbortSignal,
): Promise<void> {
  let told: string | undefined;
  while (await passes(CHECK_MS, signal)) {
    const notice = await whyUnanswered(temporal, workflowId, false);
    if (notice !== undefined && notice !== told) tell(notice);
    told = notice;
  }
}

/** @returns false when `signal` aborted first */
async function passes(waitMs: number, signal: AbortSignal): Promise<boolean> {
  return sleep(waitMs, true, { signal }).catch(() => false);
}

function failureOf(error: Error): Error {
  const { reason, exitCode } = failedRun(error);
  return exitCode === EXIT.wrongUse ? new WrongUse(reason) : new ServerAway(reason);
}
