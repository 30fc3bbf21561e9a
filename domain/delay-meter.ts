/** The upper end of the first bucket, ms. */
const FIRST_MS = 0.1;
/** Each bucket ends this much higher than the one before: the error of a percentile. */
const GROWTH = 1.1;
/** Up to about ten minutes. */
const BUCKETS = 165;
/** Delays are forgotten after one to two of these, ms. */
const SPAN_MS = 30_000;

const LOG_GROWTH = Math.log(GROWTH);

export interface DelaySummary {
  readonly p50: number;
  readonly p99: number;
}

/** Percentiles of the delays of the last half to whole minute, in constant memory. */
export class DelayMeter {
  #current = new Uint32Array(BUCKETS);
  #previous = new Uint32Array(BUCKETS);
  #turnedAtMs = -Infinity;

  /** @param nowMs by a steady clock */
  record(delayMs: number, nowMs: number): void {
    this.#turn(nowMs);
    const index = delayMs <= FIRST_MS ? 0 : Math.ceil(Math.log(delayMs / FIRST_MS) / LOG_GROWTH);
    const bucket = Math.min(index, BUCKETS - 1);
    this.#current[bucket] = (this.#current[bucket] ?? 0) + 1;
  }

  /** Undefined when nothing was recorded lately. Values are the upper ends of buckets, ms. */
  summary(nowMs: number): DelaySummary | undefined {
    this.#turn(nowMs);
    const counts = this.#current.map((count, i) => count + (this.#previous[i] ?? 0));
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return undefined;
    return { p50: percentile(counts, total * 0.5), p99: percentile(counts, total * 0.99) };
  }

  #turn(nowMs: number): void {
    const elapsedMs = nowMs - this.#turnedAtMs;
    if (elapsedMs < SPAN_MS) return;
    const stale = this.#previous.fill(0);
    this.#previous = elapsedMs < 2 * SPAN_MS ? this.#current : stale;
    this.#current = elapsedMs < 2 * SPAN_MS ? stale : this.#current.fill(0);
    this.#turnedAtMs = nowMs;
  }
}

function percentile(counts: Uint32Array, rank: number): number {
  let seen = 0;
  const index = counts.findIndex((count) => (seen += count) >= rank);
  return Math.round(FIRST_MS * GROWTH ** Math.max(0, index) * 10) / 10;
}
