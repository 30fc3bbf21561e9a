import { performance } from 'node:perf_hooks';

/** Calls an action at a steady rate of real time; calls that were missed are not made up for. */
export class Pacer {
  readonly #intervalMs: number;
  readonly #action: () => void;
  #timer: NodeJS.Timeout | undefined;
  #dueMs = 0;

  constructor(intervalMs: number, action: () => void) {
    this.#intervalMs = intervalMs;
    this.#action = action;
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.#dueMs = performance.now();
    this.#schedule();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    const nowMs = performance.now();
    // from the moment it was due, not from now: timers are always a little late
    this.#dueMs = Math.max(this.#dueMs + this.#intervalMs, nowMs);
    this.#timer = setTimeout(() => {
      this.#schedule();
      this.#action();
    }, this.#dueMs - nowMs);
  }
}
