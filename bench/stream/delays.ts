/** Width of a bucket, ms. */
const STEP_MS = 0.1;
/** Up to ten seconds; longer delays share the last bucket. */
const BUCKETS = 100_000;

export interface DelayFigures {
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

/** Percentiles of delays in ms, in constant memory, so that measuring does not show in the memory. */
export class Delays {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;
  #worst = 0;

  record(ms: number): void {
    const bucket = Math.min(Math.max(0, Math.floor(ms / STEP_MS)), BUCKETS - 1);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
    if (ms > this.#worst) this.#worst = ms;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
    this.#worst = 0;
  }

  /** Milliseconds; percentiles are the upper ends of buckets of 0.1 ms. NaN when none was recorded. */
  figures(): DelayFigures {
    return { p50: this.#percentile(0.5), p99: this.#percentile(0.99), worst: this.#worst };
  }

  #percentile(share: number): number {
    if (this.#total === 0) return NaN;
    let seen = 0;
    const rank = this.#total * share;
    return (this.#counts.findIndex((count) => (seen += count) >= rank) + 1) * STEP_MS;
  }
}
