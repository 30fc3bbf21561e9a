import { rowSpans } from '../domain/settle.js';
import {
  intersect,
  normalise,
  subtract,
  totalMs,
  union,
  type TimeRange,
  type TimeRanges,
} from '../domain/time-range.js';
import { anotherAnswer, firstAnswer, type PageFacts } from './gap-answers.js';
import type { GapDraft, GapRow } from './gap-rows.js';

/**
 * Whether candles of the series are stored before and after the page's window. A hole at the end of
 * what is known may only be late.
 */
export interface Surroundings {
  readonly before: boolean;
  readonly after: boolean;
}

/** What a page does to the gaps of its series. */
export interface GapChanges {
  readonly updates: readonly GapRow[];
  readonly inserts: readonly GapDraft[];
  /** Closed candles of the page that were not stored before. */
  readonly added: number;
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
 * @param surroundings only of use where `mayProve`
 */
export function gapChanges(
  facts: PageFacts,
  covered: TimeRanges,
  gaps: readonly GapRow[],
  surroundings: Surroundings = { before: false, after: false },
): GapChanges {
  const { page, lengthMs } = facts;
  const rows = rowSpans(page.closed.openTimeMs, lengthMs);
  const missing = normalise(gaps.map((gap) => gap.period));
  const stored = union(subtract(covered, missing), rows);
  const updates: GapRow[] = [];
  const inserts: GapDraft[] = newGaps(facts, subtract(page.holes, covered));
  for (const gap of gaps) {
    const [first, ...others] = pieces(facts, gap, {
      rows,
      isBetween: between(stored, surroundings),
    });
    if (first === undefined || first === gap) continue;
    updates.push({ ...first, id: gap.id });
    inserts.push(...others);
  }
  const newlyStored = totalMs(subtract(rows, covered)) + totalMs(intersect(rows, missing));
  return { updates, inserts, added: Math.round(newlyStored / lengthMs) };
}

/** Whether this page's answer may prove one of the gaps, if real candles lie on both sides of it. */
export function mayProve(facts: PageFacts, gaps: readonly GapRow[]): boolean {
  return gaps.some(
    (gap) => gap.kind === 'unconfirmed' && intersect([gap.period], facts.page.holes).length > 0,
  );
}

type IsBetween = (period: TimeRange) => boolean;

function between(stored: TimeRanges, { before, after }: Surroundings): IsBetween {
  const firstMs = stored[0]?.fromMs ?? Infinity;
  const lastMs = stored.at(-1)?.toMs ?? -Infinity;
  return ({ fromMs, toMs }) => (before || firstMs < fromMs) && (after || lastMs > toMs);
}

/** What of the page a gap is judged by. */
interface Judgement {
  readonly rows: TimeRanges;
  /** Whether candles are stored before and after a period. */
  readonly isBetween: IsBetween;
}

/** The rows that a gap becomes, in order of time; `[gap]` itself when nothing changes. */
function pieces(facts: PageFacts, gap: GapRow, { rows, isBetween }: Judgement): GapDraft[] {
  const whole = [gap.period];
  const filled = intersect(whole, rows).map((period): GapDraft => ({
    ...gap,
    period,
    nextAskMs: undefined,
    closedAtMs: facts.nowMs,
  }));
  const answered = intersect(whole, facts.page.holes)
    .map((period) => anotherAnswer(facts, { ...gap, period }, isBetween(period)))
    .filter((piece) => piece !== undefined);
  const changed = [...filled, ...answered];
  if (changed.length === 0) return [gap];
  const untouched = subtract(whole, normalise(changed.map(({ period }) => period)));
  return [...changed, ...untouched.map((period): GapDraft => ({ ...gap, period }))].sort(
    (a, b) => a.period.fromMs - b.period.fromMs,
  );
}
