/**
 * Calls `expired` once when an age reaches its limit.
 *
 * It asks for the age only when the limit could have been reached, so what keeps the age low, for
 * example every frame that comes, has no timer to move.
 */
export class Watchdog {
  readonly #limitMs: number;
  readonly #ageMs: () => number;
  readonly #expired: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, ageMs: () => number, expired: () => void) {
    this.#limitMs = limitMs;
    this.#ageMs = ageMs;
    this.#expired = expired;
    this.#waitFor(limitMs - ageMs());
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #waitFor(restMs: number): void {
    this.#timer = setTimeout(() => {
      const leftMs = this.#limitMs - this.#ageMs();
      if (leftMs > 0) this.#waitFor(leftMs);
      else this.#expired();
    }, Math.ceil(restMs));
  }
}
