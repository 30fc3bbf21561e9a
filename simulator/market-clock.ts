/** Milliseconds of a clock that never jumps; its zero is arbitrary. */
export type WallClock = () => number;

/** The market's own time: it may begin at any date and run faster than the machine's clock. */
export class MarketClock {
  readonly #wall: WallClock;
  #anchorMarketMs: number;
  #anchorWallMs: number;
  #speed: number;

  constructor(startMs: number, speed: number, wall: WallClock) {
    this.#wall = wall;
    this.#anchorMarketMs = startMs;
    this.#anchorWallMs = wall();
    this.#speed = speed;
  }

  /** Market time, whole ms since 1970 UTC. */
  nowMs(): number {
    const passed = (this.#wall() - this.#anchorWallMs) * this.#speed;
    return Math.floor(this.#anchorMarketMs + passed);
  }

  get speed(): number {
    return this.#speed;
  }

  /** Sets the time, the speed (0 stops the clock), or both. */
  set(change: { nowMs?: number; speed?: number }): void {
    this.#anchorMarketMs = change.nowMs ?? this.nowMs();
    this.#anchorWallMs = this.#wall();
    this.#speed = change.speed ?? this.#speed;
  }
}
