/** Mixes two 32-bit integers into one; the only source of chance in the synthetic market. */
export function hash32(a: number, b: number): number {
  let h = (a ^ Math.imul(b, 0x9e3779b1)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A 32-bit hash of a text (FNV-1a, mixed once more). */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return hash32(h, 0x5bd1e995);
}

/** A hash as a fraction in [0, 1). */
export function unitHash(a: number, b: number): number {
  return hash32(a, b) / 4294967296;
}

/** A small seeded sequence (mulberry32); the same seed gives the same numbers on every machine. */
export class SeededSequence {
  #state = 0;

  reseed(seed: number): void {
    this.#state = seed | 0;
  }

  /** The next fraction in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
}
