/** How much longer than a reading took the page waits before the next one. */
const REST = 3;

/** Longest wait, ms. */
const LONGEST_MS = 60_000;

/**
 * How long to wait after a reading that took `tookMs`: a slow answer means a busy database, which a page
 * that is left open must not keep busy.
 */
export function pollWaitMs(everyMs: number, tookMs: number): number {
  return Math.min(LONGEST_MS, Math.max(everyMs, tookMs * REST));
}
