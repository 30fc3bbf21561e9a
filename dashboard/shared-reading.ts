/** Longest that a reading is kept, ms. */
const KEEP_MS = 1_000;

/** Readings that are kept at a time: nobody chooses more at once. */
const MOST_KEPT = 50;

interface Reading<T> {
  readonly value: Promise<T>;
  /** Steady clock; undefined while it is under way. */
  readAtMs: number | undefined;
}

/**
 * Gives all who ask at about the same time one reading: however many browsers look, the servers are
 * asked as if it were one.
 */
export class SharedReading<T> {
  readonly #read: (key: string) => Promise<T>;
  readonly #keepMs: number;
  readonly #readings = new Map<string, Reading<T>>();

  constructor(read: (key: string) => Promise<T>, keepMs: number = KEEP_MS) {
    this.#read = read;
    this.#keepMs = keepMs;
  }

  /** @param key what is read; the empty text where there is one thing only */
  get(key = ''): Promise<T> {
    const known = this.#readings.get(key);
    const nowMs = performance.now();
    if (known !== undefined && nowMs - (known.readAtMs ?? nowMs) < this.#keepMs) return known.value;
    const reading: Reading<T> = { value: this.#read(key), readAtMs: undefined };
    this.#readings.delete(key);
    this.#readings.set(key, reading);
    const [oldest] = this.#readings.keys();
    if (this.#readings.size > MOST_KEPT && oldest !== undefined) this.#readings.delete(oldest);
    reading.value.then(
      () => (reading.readAtMs = performance.now()),
      // a failure is told to those who waited for it, and to nobody else
      () => this.#readings.get(key) === reading && this.#readings.delete(key),
    );
    return reading.value;
  }

  /** The next who ask get a new reading: something was changed. */
  forget(): void {
    this.#readings.clear();
  }
}
