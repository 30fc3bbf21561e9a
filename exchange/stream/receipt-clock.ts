/** Beyond this the wall clock was set, or the machine slept: then the finer clock follows it. */
const MAX_DRIFT_MS = 2;

/**
 * Local clock with a fraction of microseconds, ms since 1970. `Date.now` alone has whole ms, and
 * `performance.timeOrigin` alone knows the wall clock of the start of the process only.
 */
export class ReceiptClock {
  #originMs = performance.timeOrigin;

  nowMs(): number {
    const nowMs = this.#originMs + performance.now();
    const driftMs = Date.now() - nowMs;
    if (driftMs <= MAX_DRIFT_MS && driftMs >= -MAX_DRIFT_MS) return nowMs;
    this.#originMs += driftMs;
    return nowMs + driftMs;
  }
}
