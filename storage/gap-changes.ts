import { nextAskMs } from '../domain/gap.js';
import { rowSpans, type SettledPage } from '../domain/settle.js';
import type { FetchOrigin } from '../domain/stores.js';
import {
  intersect,
  normalise,
  subtract,
  totalMs,
  type TimeRange,
  type TimeRanges,
} from '../domain/time-range.js';
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

/** What a page does to the gaps of its series. */
export interface GapChanges {
  readonly updates: readonly GapRow[];
  readonly inserts: readonly GapDraft[];
  /** Closed candles of the page that were not stored before. */
  readonly added: number;
}

/**
 * The hole from the window's start to the page's first row, when the symbol's life begins in this
 * window: the time before the listing.
 */
export function leadingHole({ page, startsOnFirstDay }: PageFacts): TimeRange | undefined {
  const first = page.holes[0];
  const firstRowMs = page.closed.openTimeMs[0] ?? page.open.openTimeMs[0];
  if (!startsOnFirstDay || first === undefined || firstRowMs === undefined) return undefined;
  return first.fromMs === page.window.fromMs && first.toMs <= firstRowMs ? first : undefined;
}

/** The gaps that a page's holes become where nothing is known of the time. */
export function newGaps(facts: PageFacts, holes: TimeRanges): GapDraft[] {
  return holes.map((period) => firstAnswer(facts, period));
}

/**
 * What a page changes, given what is settled in its window at this moment.
 *
 * A gap that the page fills in part stays as evidence: the filled piece becomes a closed row, the
 * other pieces open rows with the gap's own history. `covered` holds closed rows and open gaps only,
 * so a hole over something covered that is no gap is an older answer than the stored row, and is
 * passed over.
 *
 * @param covered what coverage holds within the page's window
 * @param gaps the open gaps that overlap the page's window
 */
export function gapChanges(
  facts: PageFacts,
  covered: TimeRanges,
  gaps: readonly GapRow[],
): GapChanges {
  const { page, lengthMs } = facts;
  const rows = rowSpans(page.closed.openTimeMs, lengthMs);
  const updates: GapRow[] = [];
  const inserts: GapDraft[] = newGaps(facts, subtract(page.holes, covered));
  for (const gap of gaps) {
    const [first, ...others] = pieces(facts, gap, rows);
    if (first === undefined || first === gap) continue;
    updates.push({ ...first, id: gap.id });
    inserts.push(...others);
  }
  const missing = normalise(gaps.map((gap) => gap.period));
  const newlyStored = totalMs(subtract(rows, covered)) + totalMs(intersect(rows, missing));
  return { updates, inserts, added: Math.round(newlyStored / lengthMs) };
}

/** The rows that a gap becomes, in order of time; `[gap]` itself when nothing changes. */
function pieces(facts: PageFacts, gap: GapRow, rows: TimeRanges): GapDraft[] {
  const whole = [gap.period];
  const filled = intersect(whole, rows).map((period): GapDraft => ({
    ...gap,
    period,
    nextAskMs: undefined,
    closedAtMs: facts.nowMs,
  }));
  const answered = intersect(whole, facts.page.holes)
    .map((period) => anotherAnswer(facts, gap, period))
    .filter((piece) => piece !== undefined);
  const changed = [...filled, ...answered];
  if (changed.length === 0) return [gap];
  const untouched = subtract(whole, normalise(changed.map(({ period }) => period)));
  return [...changed, ...untouched.map((period): GapDraft => ({ ...gap, period }))].sort(
    (a, b) => a.period.fromMs - b.period.fromMs,
  );
}

/** A piece of an open gap that a well-formed answer lacks too; undefined when that changes nothing. */
function anotherAnswer(facts: PageFacts, gap: GapRow, period: TimeRange): GapDraft | undefined {
  const fresh = firstAnswer(facts, period);
  switch (gap.kind) {
    case 'failed':
    case 'disconnected':
      return { ...fresh, foundAtMs: gap.foundAtMs, foundBy: gap.foundBy };
    case 'unconfirmed':
      return fresh.kind === 'unconfirmed'
        ? confirmed(facts, gap, period)
        : { ...fresh, foundAtMs: gap.foundAtMs, foundBy: gap.foundBy };
    case 'no_trades':
    case 'before_listing':
    case 'after_delisting':
    case 'venue_outage':
      return undefined;
  }
}

/**
 * One more answer that lacks what is unconfirmed. It counts as a proof only when the wait of
 * `GAP_REASK` has passed since the last one: pages that are read again every few minutes would
 * otherwise prove in minutes what has to stay missing for a day.
 */
function confirmed(facts: PageFacts, gap: GapRow, period: TimeRange): GapDraft | undefined {
  const { nowMs, reaskMs } = facts;
  const lastMs = gap.lastAskedMs ?? gap.foundAtMs;
  const dueMs = nextAskMs(gap.asked, lastMs, period.toMs, reaskMs);
  if (dueMs !== undefined && nowMs >= dueMs) {
    const asked = gap.asked + 1;
    const next = nextAskMs(asked, nowMs, period.toMs, reaskMs);
    return { ...gap, period, asked, lastAskedMs: nowMs, nextAskMs: next };
  }
  return dueMs === gap.nextAskMs ? undefined : { ...gap, period, nextAskMs: dueMs };
}

function firstAnswer(facts: PageFacts, period: TimeRange): GapDraft {
  const { page, origin, nowMs, reaskMs } = facts;
  const leading = leadingHole(facts);
  const beforeListing =
    leading !== undefined && period.fromMs >= leading.fromMs && period.toMs <= leading.toMs;
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
        : nextAskMs(1, nowMs, period.toMs, reaskMs),
    closedAtMs: undefined,
    reason: undefined,
  };
}

/** The venue gave nothing at all for the window, which is more often its fault than the truth. */
function isEmptyAnswer(page: SettledPage): boolean {
  return (
    page.closed.openTimeMs.length === 0 && page.open.openTimeMs.length === 0 && page.skipped === 0
  );
}
