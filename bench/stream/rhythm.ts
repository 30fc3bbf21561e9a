/**
 * - `spread`: the items of a round come evenly over its length
 * - `together`: all items of a round come at its begin
 */
export type Pattern = 'spread' | 'together';

/** When items are due that come again and again. */
export class Rhythm<Item> {
  readonly #items: readonly Item[];
  readonly #everyMs: number;
  readonly #pattern: Pattern;
  #taken = 0;
  #skipped = 0;

  /** @param everyMs length of a round: each item is due once in it */
  constructor(items: readonly Item[], everyMs: number, pattern: Pattern) {
    this.#items = items;
    this.#everyMs = everyMs;
    this.#pattern = pattern;
  }

  /** Items taken so far. */
  get taken(): number {
    return this.#taken;
  }

  /** Rounds that were left out, because this process had no CPU while they were due. */
  get skippedRounds(): number {
    return this.#skipped;
  }

  /**
   * What has become due since the last call. An item is never due twice in one call, as a venue with
   * a shortest interval would not send it.
   *
   * @param elapsedMs since the begin, never less than at the call before
   */
  take(elapsedMs: number): { readonly item: Item; readonly round: number }[] {
    const size = this.#items.length;
    const rounds = elapsedMs / this.#everyMs - this.#skipped;
    const due =
      this.#pattern === 'spread' ? Math.floor(rounds * size) : (Math.floor(rounds) + 1) * size;
    const late = Math.max(0, Math.ceil((due - this.#taken) / size) - 1);
    this.#skipped += late;
    const until = due - late * size;
    const items = [];
    for (let at = this.#taken; at < until; at++) {
      const item = this.#items[at % size];
      if (item !== undefined) items.push({ item, round: Math.floor(at / size) });
    }
    this.#taken = until;
    return items;
  }
}
