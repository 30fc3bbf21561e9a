import { setTimeout as sleep } from 'node:timers/promises';
import { WrongUse } from '../domain/failure.js';
import { orAborted } from '../runtime/or-aborted.js';
import type { TemporalClient } from '../runtime/temporal.js';

const RETRY_MS = 1_000;

/**
 * The SDK asks every 20 s and leaves a listener on its signal each time: so long one signal serves, ms.
 */
const TURN_MS = 60_000;

/**
 * The SDK loses a cancellation that comes while it tries a call again, and would go on asking behind a
 * turn that is over: a deadline ends that too, this long after the turn, ms.
 */
const LOST_CANCEL_MS = 5_000;

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
  const handle = client.workflow.getHandle<() => Promise<unknown>>(workflowId);
  while (!signal.aborted) {
    const turn = new Turn(signal);
    const asked = client.withDeadline(Date.now() + TURN_MS + LOST_CANCEL_MS, () =>
      client.withAbortSignal(turn.signal, async () => ({ result: await handle.result() })),
    );
    try {
      // not left to the call, which may not hear of the abort
      const end = await orAborted<RunEnd>(asked, turn.signal);
      if (end === undefined) continue;
      return end;
    } catch (error) {
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
