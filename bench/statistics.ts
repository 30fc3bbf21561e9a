/** The middle of the values; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
  return (lower + upper) / 2;
}

/** `12.3 %` of a share. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Whole megabytes of 1024 kB, as the aims count them. */
export function megabytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0);
}

/** `ok` when the figure is at most the aim, else by how much it misses. */
export function atMost(figure: number, aim: number): string {
  return figure <= aim ? 'ok' : `missed by ${percent(figure / aim - 1)}`;
}

/** `ok` when the figure is at least the aim, else by how much it misses. */
export function atLeast(figure: number, aim: number): string {
  return figure >= aim ? 'ok' : `missed by ${percent(1 - figure / aim)}`;
}
