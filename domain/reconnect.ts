/** Waits before the first, second, ... attempt to connect again, ms; the last one repeats. */
export const RECONNECT_WAITS_MS = [5_000, 10_000, 20_000, 40_000, 60_000] as const;

/** The largest part by which a wait is shortened or lengthened, so that clients spread. */
export const RECONNECT_JITTER = 0.1;

/**
 * Wait before the `attempt`-th attempt (from 1) since data last flowed.
 *
 * @param chance in [0, 1), from a random source
 */
export function reconnectWaitMs(attempt: number, chance: number): number {
  const index = Math.min(Math.max(attempt, 1), RECONNECT_WAITS_MS.length) - 1;
  const waitMs = RECONNECT_WAITS_MS[index] ?? RECONNECT_WAITS_MS[0];
  return Math.round(waitMs * (1 + RECONNECT_JITTER * (2 * chance - 1)));
}
