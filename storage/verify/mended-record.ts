import { firstCandleMs } from '../../domain/coverage-drift.js';
import {
  normalise,
  subtract,
  totalMs,
  union,
  type TimeRange,
  type TimeRanges,
} from '../../domain/time-range.js';
import { unaskedGap, type GapDraft, type GapRow } from '../gap-rows.js';

/** What is known of a series under its lock. */
export interface LockedFacts {
  /** Length of one candle, ms. */
  readonly lengthMs: number;
  readonly covered: TimeRanges;
  /** Open gaps by begin. */
  readonly gaps: readonly GapRow[];
  /** Spans of the rows on the grid. */
  readonly rows: TimeRanges;
  /** The one candle whose row may lie outside of coverage. */
  readonly open: TimeRanges;
  /** Candles whose rows were deleted and that are to be asked for again. */
  readonly again: TimeRanges;
  readonly firstCandleMs: number | undefined;
  /** Who mends, and when by the local clock, ms. */
  readonly foundBy: string;
  readonly nowMs: number;
}

/** What is to be recorded of a series. */
export interface MendedRecord {
  readonly covered: TimeRanges;
  readonly candles: number;
  readonly firstCandleMs: number | undefined;
  readonly updates: readonly GapRow[];
  readonly inserts: readonly GapDraft[];
  /** Candles that are to be asked for now. */
  readonly asked: TimeRanges;
}

const ROW_GONE = 'the stored row was gone';
const ROW_WRONG = 'the stored row was wrong';

/**
 * The record that fits the rows: covered is what is stored or listed in a gap, gaps do not overlap
 * each other or a row, and what was claimed and is not there is asked for again.
 */
export function mendedRecord(facts: LockedFacts): MendedRecord {
  const { covered, gaps, rows, open, again, lengthMs, nowMs } = facts;
  const listed = normalise(gaps.map(({ period }) => period));
  const lost = subtract(subtract(subtract(covered, listed), rows), again);
  const asked = union(lost, again);
  const { updates, inserts } = carve(gaps, asked, nowMs);
  const because = (periods: TimeRanges, reason: string): GapDraft[] =>
    periods.map((period) => ({ ...newGap(facts, period), reason }));
  const opened = [...because(lost, ROW_GONE), ...because(again, ROW_WRONG)];
  const stored = subtract(subtract(rows, subtract(open, covered)), union(listed, asked));
  const after = union(stored, union(listed, asked));
  const left = [...updates, ...inserts, ...opened].filter(
    ({ closedAtMs }) => closedAtMs === undefined,
  );
  return {
    covered: after,
    candles: Math.round(totalMs(stored) / lengthMs),
    firstCandleMs: firstCandleMs({
      covered: after,
      gaps: [...unchanged(gaps, updates), ...left].map(({ period, kind }) => ({ ...period, kind })),
      firstCandleMs: facts.firstCandleMs,
    }),
    updates,
    inserts: [...inserts, ...opened],
    asked,
  };
}

function newGap({ foundBy, nowMs }: LockedFacts, period: TimeRange): GapDraft {
  const origin = { source: 'repair', workflowId: foundBy, runId: '' } as const;
  return unaskedGap({ period, kind: 'unconfirmed' }, { origin, nowMs });
}

/** Takes out of the gaps what is asked for anew, and what an earlier one lists already. */
function carve(
  gaps: readonly GapRow[],
  asked: TimeRanges,
  nowMs: number,
): Pick<MendedRecord, 'updates' | 'inserts'> {
  const updates: GapRow[] = [];
  const inserts: GapDraft[] = [];
  let reachedMs = -Infinity;
  for (const gap of gaps) {
    const { fromMs, toMs } = gap.period;
    const whole = { fromMs: Math.max(fromMs, reachedMs), toMs };
    reachedMs = Math.max(reachedMs, toMs);
    const [first, ...others] = subtract(whole.fromMs < toMs ? [whole] : [], asked);
    if (first === undefined) {
      updates.push({ ...gap, nextAskMs: undefined, closedAtMs: nowMs });
    } else if (first.fromMs !== fromMs || first.toMs !== toMs) {
      updates.push({ ...gap, period: first });
    }
    inserts.push(...others.map((period) => ({ ...gap, period })));
  }
  return { updates, inserts };
}

function unchanged(gaps: readonly GapRow[], updates: readonly GapRow[]): GapRow[] {
  const changed = new Set(updates.map(({ id }) => id));
  return gaps.filter(({ id }) => !changed.has(id));
}
