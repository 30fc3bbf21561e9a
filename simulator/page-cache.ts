/** Finished answers, the least recently used ones thrown out first. */
export class PageCache {
  readonly #maxPages: number;
  readonly #maxBytes: number;
  readonly #pages = new Map<string, Buffer>();
  #bytes = 0;

  constructor(maxPages: number, maxBytes: number) {
    this.#maxPages = maxPages;
    this.#maxBytes = maxBytes;
  }

  get(key: string): Buffer | undefined {
    const page = this.#pages.get(key);
    if (page === undefined) return undefined;
    // a Map keeps the order of insertion: back to the end with it
    this.#pages.delete(key);
    this.#pages.set(key, page);
    return page;
  }

  set(key: string, page: Buffer): void {
    this.#bytes += page.length - (this.#pages.get(key)?.length ?? 0);
    this.#pages.delete(key);
    this.#pages.set(key, page);
    for (const [oldest, { length }] of this.#pages) {
      if (this.#pages.size <= this.#maxPages && this.#bytes <= this.#maxBytes) return;
      this.#pages.delete(oldest);
      this.#bytes -= length;
    }
  }

  clear(): void {
    this.#pages.clear();
    this.#bytes = 0;
  }

  get size(): number {
    return this.#pages.size;
  }

  get bytes(): number {
    return this.#bytes;
  }
}
