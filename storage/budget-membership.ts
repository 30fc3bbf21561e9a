import { randomUUID } from 'node:crypto';
import { reasonOf } from '../domain/failure.js';
import type { SharedSlots } from './shared-slots.js';
import type { SlotBook } from './slot-book.js';

/** Workers that come back together have to find Redis within this time, ms. */
const QUIET_MS = 5_000;
/** Pause between two attempts to come back, ms. */
const REJOIN_PAUSE_MS = 500;

export interface MembershipOptions {
  readonly shared: SharedSlots;
  /** The slots of this worker, which the others must hear of. */
  readonly book: SlotBook;
  /** How long a slot is taken at most, ms. */
  readonly holdMs: number;
  /** Told once, until `onRecovered`. */
  readonly onDegraded: (reason: string) => void;
  readonly onRecovered: () => void;
}

/**
 * Whether a worker shares the budget with the others or takes a share of its own.
 *
 * Who leaves does not know how much of the shared budget the others have in use, and takes nothing of
 * its own share until all of that has freed. Who comes back tells Redis the slots that it uses and
 * makes it quiet for 5 s: nobody is granted anything, shared or of its own, until every worker that
 * was away has told what it uses. So no change of side lets the sum pass the limit.
 */
export class BudgetMembership {
  readonly #options: MembershipOptions;
  #generation: string | undefined;
  #shares = false;
  /** Whether Redis has been told to be quiet since this worker left. */
  #announced = true;
  #degraded = false;
  #rejoinAtMs = 0;
  #aloneFromMs = 0;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** Whether slots come from Redis. */
  get shares(): boolean {
    return this.#shares;
  }

  /** What Redis must know, or it has lost its state. */
  get generation(): string {
    return this.#generation ?? '';
  }

  /** When joining makes sense again, ms of the steady clock. */
  get rejoinAtMs(): number {
    return this.#rejoinAtMs;
  }

  /** From when on the worker may use a share of its own, ms of the steady clock. */
  get aloneFromMs(): number {
    return this.#aloneFromMs;
  }

  /** Redis is away or has lost its state. */
  leave(reason: string): void {
    this.#stopSharing();
    this.#announced = false;
    this.#rejoinAtMs = performance.now();
    if (this.#degraded) return;
    this.#degraded = true;
    this.#options.onDegraded(
      `${reason}: this worker takes a quarter of the request budget until it is shared again`,
    );
  }

  /** Other workers are coming back: nothing is granted for `quietMs`. */
  standAside(quietMs: number): void {
    this.#stopSharing();
    this.#rejoinAtMs = performance.now() + quietMs;
    this.#aloneFromMs = Math.max(this.#aloneFromMs, this.#rejoinAtMs);
  }

  /**
   * Tells Redis what this worker uses, and shares the budget again unless it is quiet there.
   *
   * @param banLeftMs how long the ban that this worker knows of still lasts
   */
  async join(banLeftMs: number): Promise<void> {
    const { shared, book } = this.#options;
    try {
      const { generation, quietMs } = await shared.join({
        known: this.#generation,
        fresh: randomUUID(),
        back: !this.#announced,
        quietMs: QUIET_MS,
        slots: book.entries(performance.now()),
      });
      this.#generation = generation;
      this.#announced = true;
      if (banLeftMs > 0) await shared.ban(banLeftMs);
      if (quietMs > 0) {
        this.standAside(quietMs);
        return;
      }
    } catch (error) {
      this.leave(`Redis does not answer (${reasonOf(error)})`);
      this.#rejoinAtMs = performance.now() + REJOIN_PAUSE_MS;
      return;
    }
    this.#shares = true;
    if (!this.#degraded) return;
    this.#degraded = false;
    this.#options.onRecovered();
  }

  #stopSharing(): void {
    if (this.#shares) this.#aloneFromMs = performance.now() + this.#options.holdMs;
    this.#shares = false;
  }
}
