import { WaitUntil } from '../domain/failure.js';
import type { BanStore } from '../domain/stores.js';

/** A ban in the database is noticed after this time, also when Redis has forgotten it, ms. */
const STALE_MS = 30_000;

/** What this worker knows of a ban: its memory, and the database every 30 s. */
export class BanWatch {
  readonly #store: BanStore;
  readonly #now: () => number;
  #untilMs = 0;
  /** Of the steady clock. */
  #readAtMs = -Infinity;

  /** @param now local clock, ms since 1970 */
  constructor(store: BanStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** The next `refresh` asks the database. */
  expire(): void {
    this.#readAtMs = Math.min(this.#readAtMs, performance.now() - STALE_MS);
  }

  /** @throws ServerAway when the database is away and was never asked successfully */
  async refresh(): Promise<void> {
    const startedMs = performance.now();
    if (startedMs - this.#readAtMs < STALE_MS) return;
    try {
      this.remember((await this.#store.notBeforeMs()) ?? 0);
    } catch (error) {
      // Nothing is sent without having looked once; later the value in memory will do.
      if (this.#readAtMs === -Infinity) throw error;
    }
    this.#readAtMs = startedMs;
  }

  /** A later moment replaces an earlier one, never the other way round. */
  remember(untilMs: number): void {
    this.#untilMs = Math.max(this.#untilMs, untilMs);
  }

  /** How long the ban still lasts, ms; 0 when there is none. */
  leftMs(): number {
    return Math.max(0, this.#untilMs - this.#now());
  }

  /** What to throw while the ban lasts. */
  refusal(): WaitUntil {
    const until = new Date(this.#untilMs).toISOString();
    const message = `the venue has banned this IP: no request is sent before ${until}`;
    return new WaitUntil(message, this.#untilMs, true);
  }
}
