/** Clocks that differ by more than this are not the same clock, ms. */
const SAME_CLOCK_MS = 5_000;
/** The smallest difference is looked for within one to two of these, ms. */
const SPAN_MS = 60_000;

/**
 * How late a frame is: from the venue's clock in it to the moment of its receipt.
 *
 * Where the two clocks differ by more than a network can delay (a wrong local clock, a simulator at
 * another date), lateness is counted from the smallest difference seen lately instead.
 */
export class VenueLag {
  #smallestMs = Infinity;
  #smallestBeforeMs = Infinity;
  #turnedAtMs = -Infinity;

  /** @returns ms, at least 0 */
  lateness(venueTimeMs: number, receivedAtMs: number): number {
    if (Math.abs(receivedAtMs - this.#turnedAtMs) >= SPAN_MS) {
      this.#smallestBeforeMs = this.#smallestMs;
      this.#smallestMs = Infinity;
      this.#turnedAtMs = receivedAtMs;
    }
    const differenceMs = receivedAtMs - venueTimeMs;
    this.#smallestMs = Math.min(this.#smallestMs, differenceMs);
    const smallestMs = Math.min(this.#smallestMs, this.#smallestBeforeMs);
    const originMs = Math.abs(smallestMs) < SAME_CLOCK_MS ? 0 : smallestMs;
    return Math.max(0, differenceMs - originMs);
  }
}
