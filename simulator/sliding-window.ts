/** Counts events in a span that slides with the clock: exact, no fixed windows. */
export class SlidingWindow {
  readonly #spanMs: number;
  #times: number[] = [];
  #first = 0;

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  /** Notes an event; returns how many lie in (nowMs - span, nowMs], this one included. */
  add(nowMs: number): number {
    this.#times.push(nowMs);
    return this.count(nowMs);
  }

  count(nowMs: number): number {
    const times = this.#times;
    while (this.#first < times.length && (times[this.#first] as number) <= nowMs - this.#spanMs) {
      this.#first++;
    }
    // cut rarely: shifting an array at every event would be slow
    if (this.#first > 4096) {
      this.#times = times.slice(this.#first);
      this.#first = 0;
    }
    return this.#times.length - this.#first;
  }

  clear(): void {
    this.#times = [];
    this.#first = 0;
  }
}
