import { setTimeout as sleep } from 'node:timers/promises';
import { WrongUse } from '../domain/failure.js';
import type { TemporalClient } from '../runtime/temporal.js';

const RETRY_MS = 1_000;

/**
 * The SDK asks every 20 s and leaves a listener on its signal each time: so long one signal serves, ms.
 */
const TURN_MS = 60_000;

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
    const turn = new Turn(signal);
    try {
      return { result: await client.withAbortSignal(turn.signal, () => handle.result()) };
    } catch (error) {
      if (isAborted(signal)) return undefined;
      if (isAborted(turn.signal)) continue;
      const name = error instanceof Error ? error.name : '';
      if (name === 'WorkflowFailedError') return { failure: error as Error };
      if (name === 'WorkflowNotFoundError') throw new WrongUse(`there is no run ${workflowId}`);
      if (name !== 'ServiceError') throw error;
    } finally {
      turn.end();
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

/** A signal that aborts with another one or after its time, and leaves nothing on the other. */
class Turn {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #abort = (): void => this.#controller.abort();
  readonly #timer: NodeJS.Timeout;

  constructor(outer: AbortSignal) {
    this.#outer = outer;
    outer.addEventListener('abort', this.#abort, { once: true });
    this.#timer = setTimeout(this.#abort, TURN_MS);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#abort);
  }
}

/** A function, because the compiler takes the flag for unchanged across an await. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
