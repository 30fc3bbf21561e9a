import type { FailedSeries } from '../../domain/backfill.js';
import type { FailureCounts } from '../request-failures.js';

/** What an attempt at a sync hands to the next one through its heartbeat. */
export interface SyncCursor {
  /** Failed requests by symbol since its series was last answered. */
  readonly failures: FailureCounts;
  /** Pairs up to this name are done, but for those in `failures`. */
  readonly doneTo: string;
  readonly candles: number;
  readonly revised: number;
  readonly requests: number;
  readonly behindMs: number;
  readonly failed: readonly FailedSeries[];
}

export const FRESH_SYNC: SyncCursor = {
  failures: {},
  doneTo: '',
  candles: 0,
  revised: 0,
  requests: 0,
  behindMs: 0,
  failed: [],
};

/** How far a pool has come that begins its items in order: all before this place are done. */
export class DonePrefix {
  readonly #items: readonly string[];
  readonly #done = new Set<string>();
  #length = 0;

  constructor(items: readonly string[]) {
    this.#items = items;
  }

  /** @returns the last item of the prefix; undefined while it is empty */
  done(item: string): string | undefined {
    this.#done.add(item);
    while (this.#done.delete(this.#items[this.#length] ?? '')) this.#length++;
    return this.#items[this.#length - 1];
  }
}
