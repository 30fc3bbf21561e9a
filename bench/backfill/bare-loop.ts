import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { KlineLogEntry } from '../../simulator/request-stats.js';
import { SlotBook } from '../../storage/slot-book.js';
import { readStats, resetVenue } from './venue-stats.js';

/** What the venue allows in any 5 s. */
export const ALLOWED_IN_5S = 600;

const SPAN_MS = 5_000;
const HOLD_MS = 60_000;
const CONNECTIONS = 64;

/** The same requests without anything else, as it was measured. */
export interface BareLoop {
  readonly requests: number;
  readonly seconds: number;
  readonly mostIn5s: number;
}

/**
 * Sends these requests with undici at the venue's full limit, reads the answers and throws them
 * away: the least time in which anybody could have them.
 */
export async function runBareLoop(
  simulatorUrl: string,
  requests: readonly KlineLogEntry[],
  signal: AbortSignal,
): Promise<BareLoop> {
  const paths = requests.map(pathOf);
  const pool = new Pool(simulatorUrl, { connections: CONNECTIONS });
  const slots = new LocalSlots();
  let next = 0;
  const runner = async (): Promise<void> => {
    for (let path = paths[next++]; path !== undefined; path = paths[next++]) {
      const settle = await slots.take();
      signal.throwIfAborted();
      const { statusCode, body } = await pool.request({ path, method: 'GET' });
      await body.text();
      settle();
      if (statusCode !== 200) throw new Error(`the venue answers ${statusCode} to ${path}`);
    }
  };
  await resetVenue(simulatorUrl);
  const startedAt = performance.now();
  try {
    await Promise.all(Array.from({ length: CONNECTIONS }, runner));
    const seconds = (performance.now() - startedAt) / 1000;
    const stats = await readStats(simulatorUrl);
    return { requests: stats.requests, seconds, mostIn5s: stats.mostIn5s };
  } finally {
    await pool.destroy();
  }
}

function pathOf({ symbol, interval, start, end, limit }: KlineLogEntry): string {
  const given = Object.entries({ symbol, interval, start, end, limit }).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  return `/v5/market/kline?${new URLSearchParams([['category', 'spot'], ...given]).toString()}`;
}

/** Slots that free 5 s after their answer, so that the venue's limit is reached and not passed. */
class LocalSlots {
  readonly #book = new SlotBook({ coolMs: SPAN_MS, holdMs: HOLD_MS });
  #nextId = 0;

  /** @returns gives the slot back, to be called when the answer is there */
  async take(): Promise<() => void> {
    while (this.#book.used(performance.now()) >= ALLOWED_IN_5S) {
      const waitMs = this.#book.nextFreeMs(performance.now()) ?? 0;
      await sleep(Math.max(1, waitMs));
    }
    const id = String(this.#nextId++);
    this.#book.grant(id, performance.now());
    return () => this.#book.settle(id, performance.now());
  }
}
