import type { StreamActivity } from '../../steering/stream-standing.js';

interface Sample {
  readonly atMs: number;
  readonly sinceMs: number;
  readonly messages: number;
}

/** The rate is taken over this time, ms: heartbeats come every few seconds. */
const WINDOW_MS = 10_000;

/** Messages a second, from the heartbeats seen so far. */
export class MessageRate {
  #samples: Sample[] = [];

  /** @returns undefined until two heartbeats of one attempt were seen */
  next({ figures, heartbeatAtMs: atMs }: StreamActivity): number | undefined {
    if (figures === undefined || atMs === undefined) return undefined;
    const { sinceMs, messages } = figures;
    // a new attempt, or one that took over, counts from zero
    if (this.#samples.at(-1)?.sinceMs !== sinceMs) this.#samples = [];
    if (this.#samples.at(-1)?.atMs !== atMs) this.#samples.push({ atMs, sinceMs, messages });
    // one sample older than the window is kept: it is where the window begins
    while ((this.#samples[1]?.atMs ?? Infinity) <= atMs - WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0];
    if (first === undefined || first.atMs >= atMs) return undefined;
    return ((messages - first.messages) / (atMs - first.atMs)) * 1000;
  }
}
