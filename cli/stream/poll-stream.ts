import { setTimeout as sleep } from 'node:timers/promises';
import type { TemporalClient } from '../../runtime/temporal.js';
import { awaitEnd } from '../../steering/await-end.js';
import { streamOutcome, type StreamOutcome } from './stream-outcome.js';

export interface PollOptions {
  readonly temporal: TemporalClient;
  readonly run: { readonly workflowId: string };
  readonly signal: AbortSignal;
}

const LOOK_MS = 250;

/** Looks at a stream again and again until `look` has an answer, the stream ends or `signal` aborts. */
export async function pollStream<Answer>(
  { temporal, run, signal }: PollOptions,
  look: (waitedMs: number) => Promise<Answer | undefined>,
): Promise<Answer | StreamOutcome | { readonly kind: 'left' }> {
  const done = new AbortController();
  const begunAtMs = performance.now();
  const ended = awaitEnd(temporal, run.workflowId, done.signal);
  try {
    while (!signal.aborted) {
      const answer = await look(performance.now() - begunAtMs);
      if (answer !== undefined) return answer;
      const end = await Promise.race([ended, pause(signal)]);
      if (end !== undefined) return streamOutcome(end);
    }
    return { kind: 'left' };
  } finally {
    done.abort();
    await ended;
  }
}

async function pause(signal: AbortSignal): Promise<undefined> {
  await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
}
