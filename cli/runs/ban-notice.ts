import type { RunCounts } from '../../domain/stores.js';
import { banText } from '../render/ban-text.js';

/** When a ban that the workers have stored ends, local clock, ms; undefined: none is known. */
export type ReadBanMs = () => Promise<number | undefined>;

/** While nothing moves the ban is read this often, ms. */
const LOOK_MS = 5_000;

/** Tells of a ban that is waited out, which no worker can be asked about. */
export class BanNotice {
  readonly #read: ReadBanMs;
  readonly #nowMs: () => number;
  #total: number | undefined;
  #nextLookMs = -Infinity;
  #untilMs: number | undefined;

  /** @param nowMs local clock, ms since 1970 */
  constructor(read: ReadBanMs, nowMs: () => number = Date.now) {
    this.#read = read;
    this.#nowMs = nowMs;
  }

  /** @param totals of the run; the ban is read only when they are those of the call before */
  async after({ requests, candles }: RunCounts): Promise<string | undefined> {
    const total = requests + candles;
    const moves = total !== this.#total;
    this.#total = total;
    if (moves) {
      this.#untilMs = undefined;
      return undefined;
    }
    if (this.#nowMs() >= this.#nextLookMs) {
      this.#nextLookMs = this.#nowMs() + LOOK_MS;
      this.#untilMs = await this.#read();
    }
    const untilMs = this.#untilMs;
    return untilMs === undefined || untilMs <= this.#nowMs() ? undefined : banText(untilMs);
  }
}
