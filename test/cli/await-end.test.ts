import { getEventListeners } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import type { TemporalClient } from '../../runtime/temporal.js';
import { awaitEnd } from '../../steering/await-end.js';

/** Every so often the SDK asks again, ms. */
const POLL_MS = 20_000;

/** Leaves a listener on its signal with each request, as the SDK does, and ends after `requests`. */
class ListeningClient {
  readonly signals = new Set<AbortSignal>();
  readonly workflow = { getHandle: () => ({ result: () => this.#result() }) };
  #signal = new AbortController().signal;
  #asked = 0;

  constructor(readonly requests: number) {}

  withDeadline(_: number, work: () => Promise<unknown>): Promise<unknown> {
    return work();
  }

  withAbortSignal(signal: AbortSignal, work: () => Promise<unknown>): Promise<unknown> {
    this.#signal = signal;
    this.signals.add(signal);
    return work();
  }

  async #result(): Promise<unknown> {
    while (this.#asked++ < this.requests) await this.#ask(this.#signal);
    return 'the end';
  }

  #ask(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      setTimeout(resolve, POLL_MS);
      const cancelled = Object.assign(new Error('cancelled'), { name: 'ServiceError' });
      signal.addEventListener('abort', () => reject(cancelled));
    });
  }
}

/** Loses every cancellation, as the SDK does while it tries a call again; a deadline ends a call. */
class DeafClient {
  readonly asking = new Set<(error: Error) => void>();
  readonly workflow = { getHandle: () => ({ result: () => this.#result() }) };
  #deadlineMs: number | undefined;

  withDeadline(deadlineMs: number, work: () => Promise<unknown>): Promise<unknown> {
    this.#deadlineMs = deadlineMs;
    return work();
  }

  withAbortSignal(_: AbortSignal, work: () => Promise<unknown>): Promise<unknown> {
    return work();
  }

  #result(): Promise<unknown> {
    return new Promise((_, reject) => {
      this.asking.add(reject);
      if (this.#deadlineMs === undefined) return;
      setTimeout(() => this.#fail(reject), this.#deadlineMs - Date.now());
    });
  }

  #fail(reject: (error: Error) => void): void {
    this.asking.delete(reject);
    reject(Object.assign(new Error('deadline exceeded'), { name: 'ServiceError' }));
  }
}

/** A call that nobody ends would hang, ms. */
const PATIENCE_MS = 5_000;

// with the timers of the calls, which would go on in the process that other tests share
afterEach(() => vi.useRealTimers());

/** Waits for a run by the clock of the test, until it is left. */
function wait(client: ListeningClient | DeafClient) {
  vi.useFakeTimers();
  const left = new AbortController();
  const temporal = { client } as unknown as Pick<TemporalClient, 'client'>;
  return { left, end: awaitEnd(temporal, 'backfill/bybit/top20/all/90d', left.signal) };
}

it('waits as long as it takes, and leaves no listeners that add up', async () => {
  const client = new ListeningClient(30);
  const { left, end } = wait(client);
  await vi.advanceTimersByTimeAsync(40 * POLL_MS);
  expect(await end).toEqual({ result: 'the end' });
  const counts = [...client.signals].map((signal) => getEventListeners(signal, 'abort').length);
  expect(Math.max(...counts)).toBeLessThan(10);
  expect(getEventListeners(left.signal, 'abort')).toHaveLength(0);
});

it('ends at once when it is left', async () => {
  const { left, end } = wait(new ListeningClient(9));
  left.abort();
  expect(await end).toBeUndefined();
});

it(
  'ends at once when it is left, also when the call does not hear of it',
  async () => {
    const client = new DeafClient();
    const { left, end } = wait(client);
    left.abort();
    expect(await end).toBeUndefined();
    expect(getEventListeners(left.signal, 'abort')).toHaveLength(0);
    // it fails when the connection is closed: that must not be unhandled
    for (const reject of client.asking) reject(new Error('closed'));
  },
  PATIENCE_MS,
);

it(
  'leaves no calls behind that add up when their cancellation is lost',
  async () => {
    const client = new DeafClient();
    const { left, end } = wait(client);
    await vi.advanceTimersByTimeAsync(40 * POLL_MS);
    expect(client.asking.size).toBeLessThan(3);
    left.abort();
    expect(await end).toBeUndefined();
  },
  PATIENCE_MS,
);
