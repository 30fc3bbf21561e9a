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

/** What lies outside the life of a pair is no fault of the data. */
export const OUTSIDE_LIFE: readonly GapKind[] = ['before_listing', 'after_delisting'];

/** What is neither proved nor outside the life of a pair: what a repair asks for. */
export const UNPROVED_KINDS: readonly GapKind[] = ['unconfirmed', 'failed', 'disconnected'];

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

/** One answer that lacked the candles of a gap and counts as proof. */
export interface GapAnswer {
  /** Local clock, ms. */
  readonly askedAtMs: number;
  /** The venue's clock in the answer, ms. */
  readonly venueTimeMs: number;
  /** What was asked for. */
  readonly window: TimeRange;
  /** Rows of the whole answer: other candles that the venue had. */
  readonly rows: number;
  readonly workflowId: string;
  readonly runId: string;
}

/** A gap with all that is known of it. */
export interface GapRecord extends Gap {
  /** A bigserial as text. */
  readonly id: string;
  /** When candles arrived after all; undefined: still missing. */
  readonly closedAtMs: number | undefined;
  /** Why, in the words of the venue or of M1. */
  readonly reason: string | undefined;
  /** Oldest first, at most the last `ANSWERS_KEPT`. */
  readonly answers: readonly GapAnswer[];
}

/** A gap that can never be proved is asked for daily: its oldest answers make room. */
export const ANSWERS_KEPT = 10;

/** Candles older than this are believed missing sooner: late data no longer arrives, ms. */
const OLD_AGE_MS = 7 * 86_400_000;

/**
 * Whether the venue has given the same answer often enough.
 *
 * @param asked answers that count
 * @param ageMs how long ago the gap ended by the venue's clock
 * @param reaskMs waits between answers, from `GAP_REASK`
 */
export function isProved(asked: number, ageMs: number, reaskMs: readonly number[]): boolean {
  return asked > waitsOf(ageMs, reaskMs).length;
}

/**
 * How long after its `asked`-th answer a gap is asked again, ms. The last wait is repeated, for gaps
 * that many answers do not prove.
 */
export function waitBeforeNextMs(asked: number, ageMs: number, reaskMs: readonly number[]): number {
  const waits = waitsOf(ageMs, reaskMs);
  return waits[Math.min(asked, waits.length) - 1] ?? 0;
}

function waitsOf(ageMs: number, reaskMs: readonly number[]): readonly number[] {
  return ageMs > OLD_AGE_MS ? reaskMs.slice(0, 1) : reaskMs;
}
