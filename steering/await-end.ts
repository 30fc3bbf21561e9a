import { setTimeout as sleep } from 'node:timers/promises';
import { WrongUse } from '../domain/failure.js';
import type { TemporalClient } from '../runtime/temporal.js';

const RETRY_MS = 1_000;

/** The end of any run: its result, or why it has none. */
export type RunEnd = { readonly result: unknown } | { readonly failure: Error };

/**
 * Waits for the end of a run, also while Temporal itself is away.
 *
 * @returns undefined when `signal` aborted first
 * @throws WrongUse when there is no such run
 */
export async function awaitEnd(
  { client }: Pick<TemporalClient, 'client'>,
  workflowId: string,
  signal: AbortSignal,
): Promise<RunEnd | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  while (!signal.aborted) {
    try {
      return { result: await client.withAbortSignal(signal, () => handle.result()) };
    } catch (error) {
      if (isAborted(signal)) return undefined;
      const name = error instanceof Error ? error.name : '';
      if (name === 'WorkflowFailedError') return { failure: error as Error };
      if (name === 'WorkflowNotFoundError') throw new WrongUse(`there is no run ${workflowId}`);
      if (name !== 'ServiceError') throw error;
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

/** A function, because the compiler takes the flag for unchanged across an await. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
