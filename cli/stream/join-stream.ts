import { setTimeout as sleep } from 'node:timers/promises';
import { ServerAway, WrongUse, reasonOf } from '../../domain/failure.js';
import type { StreamPairs, StreamStatus, SymbolsChange } from '../../domain/stream.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { deepestCause } from '../../steering/deepest-cause.js';
import { queryPatienceMs, queryRun, whyUnanswered } from '../../steering/missing-worker.js';
import { orAborted } from '../../runtime/or-aborted.js';
import { samePairs } from './symbol-sets.js';

/** Choosing the symbols asks the venue, which may be slow, ms. */
const UPDATE_TIMEOUT_MS = 30_000;

const RETRY_MS = 1_000;

const ENDED_MEANWHILE = 'the stream ended before it took the new set: m1 stream starts it again';

/**
 * Makes a running stream follow `pairs`.
 *
 * @returns undefined when it follows them already
 * @throws WrongUse for symbols that the venue does not list, with the nearest names
 * @throws ServerAway when the update is not answered
 */
export async function changeSymbols(
  { client }: Pick<TemporalClient, 'client'>,
  workflowId: string,
  status: Pick<StreamStatus, 'pairs'>,
  pairs: StreamPairs,
): Promise<SymbolsChange | undefined> {
  if (samePairs(status.pairs, pairs)) return undefined;
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await client.withDeadline(Date.now() + UPDATE_TIMEOUT_MS, () =>
      handle.executeUpdate<SymbolsChange, [StreamPairs]>('setSymbols', { args: [pairs] }),
    );
  } catch (error) {
    throw updateFault(error);
  }
}

function updateFault(error: unknown): Error {
  const name = error instanceof Error ? error.name : '';
  if (name === 'WorkflowUpdateRPCTimeoutOrCancelledError') {
    const seconds = UPDATE_TIMEOUT_MS / 1000;
    return new ServerAway(
      `the stream did not take the new set within ${seconds} s: m1 runs show stream says what it does`,
    );
  }
  const cause = deepestCause(error);
  const reason = reasonOf(cause);
  const type = cause instanceof Error && 'type' in cause ? cause.type : undefined;
  if (name === 'WorkflowNotFoundError' || type === 'AcceptedUpdateCompletedWorkflow') {
    return new ServerAway(ENDED_MEANWHILE);
  }
  return type === 'WrongUse' ? new WrongUse(reason) : new ServerAway(reason);
}

export interface AwaitStatusOptions {
  readonly temporal: TemporalClient;
  readonly workflowId: string;
  /** Told why nothing answers, each reason once. */
  readonly tell: (notice: string) => void;
  /** Asks once only. */
  readonly once: boolean;
  readonly signal: AbortSignal;
}

/** What a running stream follows. @returns undefined when nobody answered until `signal` or once */
export async function awaitStatus(options: AwaitStatusOptions): Promise<StreamStatus | undefined> {
  const { temporal, workflowId, tell, once, signal } = options;
  let told: string | undefined;
  while (!signal.aborted) {
    const patienceMs = await queryPatienceMs(temporal);
    const asked = queryRun<StreamStatus>(temporal, workflowId, 'status', patienceMs);
    const status = await orAborted(asked, signal);
    if (status !== undefined) return status;
    const notice = await whyUnanswered(temporal, workflowId, true);
    if (notice !== undefined && notice !== told) tell(notice);
    told = notice;
    if (once) return undefined;
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}
