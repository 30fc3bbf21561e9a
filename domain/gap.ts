import type { Series } from './series.js';
import type { TimeRange } from './time-range.js';

/**
 * Why candles are missing.
 * - `unconfirmed`: a well-formed answer lacked them; asked again until the venue has proved it
 * - `no_trades`: the venue has proved that there are none
 * - `before_listing`, `after_delisting`: outside the series' life
 * - `venue_outage`: nearly every series lacks the same span
 * - `failed`: the venue gave no usable answer in a run
 * - `disconnected`: closed while no socket was there to see it
 */
export const GAP_KINDS = [
  'unconfirmed',
  'no_trades',
  'before_listing',
  'after_delisting',
  'venue_outage',
  'failed',
  'disconnected',
] as const;

export type GapKind = (typeof GAP_KINDS)[number];

export interface Gap extends Series {
  readonly period: TimeRange;
  readonly kind: GapKind;
  /** Answers that lacked these candles so far. */
  readonly asked: number;
  readonly foundAtMs: number;
  /** Id of the workflow that found it. */
  readonly foundBy: string;
  readonly lastAskedMs: number | undefined;
  /** When it is due to be asked again; undefined: never. */
  readonly nextAskMs: number | undefined;
}

/** Candles older than this are believed missing sooner: late data no longer arrives, ms. */
const OLD_AGE_MS = 7 * 86_400_000;

/**
 * When an unconfirmed gap is asked again after its `asked`-th empty answer.
 *
 * @param reaskMs waits between answers, from `GAP_REASK`
 * @returns moment in ms, or undefined when the venue has given the same answer often enough
 */
export function nextAskMs(
  asked: number,
  nowMs: number,
  gapEndMs: number,
  reaskMs: readonly number[],
): number | undefined {
  const waits = nowMs - gapEndMs > OLD_AGE_MS ? reaskMs.slice(0, 1) : reaskMs;
  const waitMs = waits[asked - 1];
  return waitMs === undefined ? undefined : nowMs + waitMs;
}
