/** Reads the fields of a JSON object that came from outside; every complaint names the field. */
export class InputReader {
  readonly #fields: Map<string, unknown>;
  readonly #name: string;

  /** Thrown when the input is not an object. */
  constructor(input: unknown, name: string) {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      throw new Error(`${name}: an object expected`);
    }
    this.#fields = new Map(Object.entries(input));
    this.#name = name;
  }

  /** Takes a field out; undefined when it is absent. */
  take(field: string): unknown {
    const value = this.#fields.get(field);
    this.#fields.delete(field);
    return value;
  }

  object(field: string): InputReader | undefined {
    const value = this.take(field);
    return value === undefined ? undefined : new InputReader(value, `${this.#name}.${field}`);
  }

  /** The elements of an array field as objects. */
  objects(field: string): InputReader[] | undefined {
    const value = this.take(field);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw new Error(`${this.#name}.${field}: a list expected`);
    return value.map((each, i) => new InputReader(each, `${this.#name}.${field}[${i}]`));
  }

  numbers<K extends string>(...fields: K[]): Partial<Record<K, number>> {
    return this.#all(fields, (value): value is number => Number.isFinite(value), 'a number');
  }

  texts<K extends string>(...fields: K[]): Partial<Record<K, string>> {
    return this.#all(fields, (value): value is string => typeof value === 'string', 'a text');
  }

  flags<K extends string>(...fields: K[]): Partial<Record<K, boolean>> {
    return this.#all(fields, (value): value is boolean => typeof value === 'boolean', 'a boolean');
  }

  choice<T extends string>(field: string, choices: readonly T[]): T | undefined {
    const value = this.take(field);
    if (value === undefined) return undefined;
    const found = choices.find((choice) => choice === value);
    if (found === undefined) {
      throw new Error(`${this.#name}.${field}: one of ${choices.join(', ')} expected`);
    }
    return found;
  }

  /** A moment in ms, written as a number or as ISO 8601; `null` means never (Infinity). */
  moment(field: string): number | undefined {
    const value = this.take(field);
    if (value === undefined) return undefined;
    return value === null ? Infinity : parseMoment(value, `${this.#name}.${field}`);
  }

  required<T>(field: string, value: T | undefined): T {
    if (value === undefined) throw new Error(`${this.#name}.${field} is missing`);
    return value;
  }

  /** What is left, for maps with free keys. */
  rest(): Record<string, unknown> {
    const rest = Object.fromEntries(this.#fields);
    this.#fields.clear();
    return rest;
  }

  /** Thrown when a field was given that nobody took. */
  finish(): void {
    const [unknown] = this.#fields.keys();
    if (unknown !== undefined) throw new Error(`${this.#name}: there is no field '${unknown}'`);
  }

  #all<K extends string, T>(
    fields: readonly K[],
    accepts: (value: unknown) => value is T,
    expected: string,
  ): Partial<Record<K, T>> {
    const found: Partial<Record<K, T>> = {};
    for (const field of fields) {
      const value = this.take(field);
      if (value === undefined) continue;
      if (!accepts(value)) throw new Error(`${this.#name}.${field}: ${expected} expected`);
      found[field] = value;
    }
    return found;
  }
}

/** A moment in ms from a number (ms) or an ISO 8601 text. Thrown when it is neither. */
export function parseMoment(value: unknown, name: string): number {
  const ms = typeof value === 'string' && !/^\d+$/.test(value) ? Date.parse(value) : Number(value);
  if ((typeof value !== 'string' && typeof value !== 'number') || !Number.isFinite(ms)) {
    throw new Error(`${name}: a time as ISO 8601 or ms expected`);
  }
  return ms;
}
