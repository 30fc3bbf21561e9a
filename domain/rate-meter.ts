/** Where a run stands at a moment. */
export interface RunSample {
  /** A clock that never jumps, ms. */
  readonly atMs: number;
  readonly candles: number;
  readonly requests: number;
  /** Share of the run that is done, 0 to 1. */
  readonly share: number;
}

/** How fast a run goes. */
export interface RunPace {
  readonly candlesPerSecond: number;
  readonly requestsPerSecond: number;
  /** Undefined while it cannot be told, as in a pause. */
  readonly secondsLeft: number | undefined;
}

/** Rates over the last seconds; the time left over a longer while, because it should not jump. */
const RATE_WINDOW_MS = 8_000;
const SHARE_WINDOW_MS = 45_000;

/** Less than this tells nothing about a pace, ms. */
const SHORTEST_MS = 500;

/** Pace of a run from samples taken while it is watched. */
export class RateMeter {
  readonly #samples: RunSample[] = [];

  add(sample: RunSample): void {
    this.#samples.push(sample);
    // one sample older than the window is kept: it is where the window begins
    while ((this.#samples[1]?.atMs ?? Infinity) < sample.atMs - SHARE_WINDOW_MS) {
      this.#samples.shift();
    }
  }

  pace(): RunPace | undefined {
    const last = this.#samples.at(-1);
    const first = this.#samples[0];
    if (last === undefined || first === undefined) return undefined;
    const recent =
      this.#samples.findLast(({ atMs }) => atMs <= last.atMs - RATE_WINDOW_MS) ?? first;
    const seconds = (last.atMs - recent.atMs) / 1000;
    if (seconds * 1000 < SHORTEST_MS) return undefined;
    const sharePerSecond = (last.share - first.share) / ((last.atMs - first.atMs) / 1000);
    return {
      candlesPerSecond: Math.max(0, last.candles - recent.candles) / seconds,
      requestsPerSecond: Math.max(0, last.requests - recent.requests) / seconds,
      secondsLeft: sharePerSecond > 0 ? (1 - last.share) / sharePerSecond : undefined,
    };
  }
}
