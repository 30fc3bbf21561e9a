const FIRST_MS = 500;
const LONGEST_MS = 8_000;

/** How long to wait after so many connections in a row that brought nothing, ms. */
export function reconnectWaitMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
}
