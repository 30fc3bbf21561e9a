/**
 * Request slots of one worker. A slot is taken from its grant until `coolMs` after its answer was
 * settled, or until `holdMs` after the grant when that never happens. Counting like this, no more
 * requests than there are slots reach the venue in any span of `coolMs`, however long they travel:
 * the venue sees a request between its grant and its answer.
 *
 * Pure: every method is told the time, ms of any clock that never goes back.
 */
export class SlotBook {
  readonly #coolMs: number;
  readonly #holdMs: number;
  /** Id and the moment it frees; in the order of the grants, so that the first frees first. */
  readonly #inFlight = new Map<string, number>();
  /** In the order in which they were settled. */
  readonly #cooling = new Map<string, number>();

  constructor({ coolMs, holdMs }: { readonly coolMs: number; readonly holdMs: number }) {
    this.#coolMs = coolMs;
    this.#holdMs = holdMs;
  }

  grant(id: string, nowMs: number): void {
    this.#inFlight.set(id, nowMs + this.#holdMs);
  }

  /** Also for a slot whose hold has run out: its answer shows that it was still in use. */
  settle(id: string, nowMs: number): void {
    this.#inFlight.delete(id);
    this.#cooling.set(id, nowMs + this.#coolMs);
  }

  /** Slots taken at this moment. */
  used(nowMs: number): number {
    dropFreed(this.#inFlight, nowMs);
    dropFreed(this.#cooling, nowMs);
    return this.#inFlight.size + this.#cooling.size;
  }

  /** Time until the next slot frees by itself, ms; undefined when none is taken. */
  nextFreeMs(nowMs: number): number | undefined {
    if (this.used(nowMs) === 0) return undefined;
    const [inFlight = Infinity] = this.#inFlight.values();
    const [cooling = Infinity] = this.#cooling.values();
    return Math.min(inFlight, cooling) - nowMs;
  }

  /** The slots taken and the time until each frees, ms. */
  entries(nowMs: number): (readonly [id: string, leftMs: number])[] {
    this.used(nowMs);
    return [...this.#inFlight, ...this.#cooling].map(([id, freesMs]) => [id, freesMs - nowMs]);
  }
}

function dropFreed(slots: Map<string, number>, nowMs: number): void {
  for (const [id, freesMs] of slots) {
    if (freesMs > nowMs) return;
    slots.delete(id);
  }
}
