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

afterEach(() => vi.useRealTimers());

it('waits as long as it takes, and leaves no listeners that add up', async () => {
  vi.useFakeTimers();
  const client = new ListeningClient(30);
  const left = new AbortController();
  const temporal = { client } as unknown as Pick<TemporalClient, 'client'>;
  const end = awaitEnd(temporal, 'backfill/bybit/top20/all/90d', left.signal);
  await vi.advanceTimersByTimeAsync(40 * POLL_MS);
  expect(await end).toEqual({ result: 'the end' });
  const counts = [...client.signals].map((signal) => getEventListeners(signal, 'abort').length);
  expect(Math.max(...counts)).toBeLessThan(10);
  expect(getEventListeners(left.signal, 'abort')).toHaveLength(0);
});

it('ends at once when it is left', async () => {
  const left = new AbortController();
  const temporal = { client: new ListeningClient(9) } as unknown as Pick<TemporalClient, 'client'>;
  const end = awaitEnd(temporal, 'backfill/bybit/top20/all/90d', left.signal);
  left.abort();
  expect(await end).toBeUndefined();
});
