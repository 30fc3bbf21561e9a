import { isProved, waitBeforeNextMs, type GapAnswer } from '../domain/gap.js';
import type { SettledPage } from '../domain/settle.js';
import type { FetchOrigin } from '../domain/stores.js';
import type { TimeRange } from '../domain/time-range.js';
import type { GapDraft, GapRow } from './gap-rows.js';

/** A page and what must be known to judge its holes. */
export interface PageFacts {
  readonly page: SettledPage;
  /** Length of one candle, ms. */
  readonly lengthMs: number;
  readonly origin: FetchOrigin;
  readonly startsOnFirstDay: boolean;
  /** Local clock, ms. */
  readonly nowMs: number;
  /** Waits between answers, ms, from `GAP_REASK`. */
  readonly reaskMs: readonly number[];
}

/**
 * The hole from the window's start to the page's first row, when the symbol's life begins in this
 * window: the time before the listing.
 */
function leadingHole({ page, startsOnFirstDay }: PageFacts): TimeRange | undefined {
  const first = page.holes[0];
  const firstRowMs = page.closed.openTimeMs[0] ?? page.open.openTimeMs[0];
  if (!startsOnFirstDay || first === undefined || firstRowMs === undefined) return undefined;
  return first.fromMs === page.window.fromMs && first.toMs <= firstRowMs ? first : undefined;
}

/**
 * A piece of an open gap that a well-formed answer lacks too; undefined when that changes nothing.
 *
 * @param isBetween whether candles are stored before and after it
 */
export function anotherAnswer(
  facts: PageFacts,
  gap: GapRow,
  isBetween: boolean,
): GapDraft | undefined {
  switch (gap.kind) {
    case 'failed':
    case 'disconnected':
      return firstOf(facts, gap);
    case 'unconfirmed':
      return gap.lastAskedMs === undefined || isBeforeListing(facts, gap.period)
        ? firstOf(facts, gap)
        : repeated(facts, gap, gap.lastAskedMs, isBetween);
    case 'no_trades':
    case 'before_listing':
    case 'after_delisting':
    case 'venue_outage':
      return gap.nextAskMs === undefined ? undefined : affirmed(facts, gap);
  }
}

/** Somebody asked again for what had been proved, and it is so. */
function affirmed(facts: PageFacts, gap: GapRow): GapDraft {
  return {
    ...gap,
    asked: gap.asked + 1,
    lastAskedMs: facts.nowMs,
    nextAskMs: undefined,
    answers: [...gap.answers, ...evidence(facts)],
  };
}

/** The first answer to a gap that was found without one. */
function firstOf(facts: PageFacts, { period, foundAtMs, foundBy, answers }: GapRow): GapDraft {
  const first = firstAnswer(facts, period);
  return { ...first, foundAtMs, foundBy, answers: [...answers, ...first.answers] };
}

/**
 * One more answer that lacks what is unconfirmed. It counts as a proof only when the wait of
 * `GAP_REASK` has passed since the last one: pages that are read again every few minutes would
 * otherwise prove in minutes what has to stay missing for a day.
 */
function repeated(
  facts: PageFacts,
  gap: GapRow,
  lastAskedMs: number,
  isBetween: boolean,
): GapDraft | undefined {
  const { nowMs, reaskMs } = facts;
  const ageMs = ageOf(facts, gap.period);
  const dueMs = lastAskedMs + waitBeforeNextMs(gap.asked, ageMs, reaskMs);
  if (nowMs < dueMs) return dueMs === gap.nextAskMs ? undefined : { ...gap, nextAskMs: dueMs };
  const asked = gap.asked + 1;
  const answers = [...gap.answers, ...evidence(facts)];
  const answered = { ...gap, asked, lastAskedMs: nowMs, answers };
  return isBetween && isProved(asked, ageMs, reaskMs)
    ? { ...answered, kind: 'no_trades', nextAskMs: undefined }
    : { ...answered, nextAskMs: nowMs + waitBeforeNextMs(asked, ageMs, reaskMs) };
}

/** What a hole becomes where nothing is known of the time. */
export function firstAnswer(facts: PageFacts, period: TimeRange): GapDraft {
  const { page, origin, nowMs, reaskMs } = facts;
  const beforeListing = isBeforeListing(facts, period);
  return {
    period,
    kind: beforeListing ? 'before_listing' : 'unconfirmed',
    asked: 1,
    foundAtMs: nowMs,
    foundBy: origin.workflowId,
    lastAskedMs: nowMs,
    nextAskMs: beforeListing
      ? undefined
      : isEmptyAnswer(page)
        ? nowMs
        : nowMs + waitBeforeNextMs(1, ageOf(facts, period), reaskMs),
    closedAtMs: undefined,
    reason: undefined,
    answers: evidence(facts),
  };
}

function isBeforeListing(facts: PageFacts, period: TimeRange): boolean {
  const leading = leadingHole(facts);
  return leading !== undefined && period.fromMs >= leading.fromMs && period.toMs <= leading.toMs;
}

/**
 * How long ago the period ended, by the venue's clock, ms. Only an answer with candles on both sides
 * shows that the venue knows the time: one that is empty there, or cut short, may be a fault of some
 * minutes, and counts as little as if the candles were young.
 */
function ageOf({ page: { answer } }: PageFacts, period: TimeRange): number {
  if (answer?.held === undefined) return 0;
  const { held, timeMs } = answer;
  const isAround = held.fromMs < period.fromMs && held.toMs > period.toMs;
  return isAround ? timeMs - period.toMs : 0;
}

function evidence({ page: { answer }, origin, nowMs }: PageFacts): GapAnswer[] {
  if (answer === undefined) return [];
  return [
    {
      askedAtMs: nowMs,
      venueTimeMs: answer.timeMs,
      window: answer.window,
      rows: answer.rows,
      workflowId: origin.workflowId,
      runId: origin.runId,
    },
  ];
}

/** The venue gave nothing at all for the window, which is more often its fault than the truth. */
function isEmptyAnswer({ closed, open, skipped, answer }: SettledPage): boolean {
  const rows = answer?.rows ?? closed.openTimeMs.length + open.openTimeMs.length;
  return rows === 0 && skipped === 0;
}
