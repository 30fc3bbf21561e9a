/** The server's time: the clock of the machine that shows the page may be wrong. */
export class ServerClock {
  #aheadMs = 0;

  /** Takes over what an answer says. */
  set(nowMs: number): void {
    this.#aheadMs = nowMs - Date.now();
  }

  nowMs(): number {
    return Date.now() + this.#aheadMs;
  }
}
