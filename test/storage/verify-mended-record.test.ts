import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coverageDrift, type SeriesRecord } from '../../domain/coverage-drift.js';
import { GAP_KINDS } from '../../domain/gap.js';
import { intersect, normalise, subtract, union, type TimeRange } from '../../domain/time-range.js';
import type { GapDraft, GapRow } from '../../storage/gap-rows.js';
import { mendedRecord, type LockedFacts } from '../../storage/verify/mended-record.js';
import { at, ORIGIN, SERIES } from './pages.js';

const SIZE = 16;
const LENGTH_MS = 300_000;
const NOW_MS = at(1000);

const spans = fc
  .array(fc.boolean(), { minLength: SIZE, maxLength: SIZE })
  .map((there) =>
    normalise(there.flatMap((is, i) => (is ? [{ fromMs: at(i), toMs: at(i + 1) }] : []))),
  );

const gap = fc
  .record({
    from: fc.nat(SIZE - 1),
    length: fc.integer({ min: 1, max: 5 }),
    kind: fc.constantFrom(...GAP_KINDS),
  })
  .map(({ from, length, kind }) => ({
    period: { fromMs: at(from), toMs: at(from + length) },
    kind,
  }));

const facts = fc
  .record({
    covered: spans,
    rows: spans,
    gaps: fc.array(gap, { maxLength: 4 }),
    again: spans,
    openAt: fc.option(fc.nat(SIZE + 5), { nil: undefined }),
    firstAt: fc.option(fc.nat(SIZE + 5), { nil: undefined }),
  })
  .map(({ covered, rows, gaps, again, openAt, firstAt }): LockedFacts => ({
    lengthMs: LENGTH_MS,
    covered,
    gaps: gaps
      .sort((a, b) => a.period.fromMs - b.period.fromMs)
      .map((draft, i): GapRow => ({
        ...draft,
        id: String(i),
        asked: 1,
        foundAtMs: NOW_MS,
        foundBy: ORIGIN.workflowId,
        lastAskedMs: undefined,
        nextAskMs: undefined,
        closedAtMs: undefined,
        reason: undefined,
        answers: [],
      })),
    // rows over gaps and those to be asked for again are deleted before
    rows: subtract(subtract(rows, again), normalise(gaps.map(({ period }) => period))),
    again,
    open: openAt === undefined ? [] : [{ fromMs: at(openAt), toMs: at(openAt + 1) }],
    firstCandleMs: firstAt === undefined ? undefined : at(firstAt),
    foundBy: 'm1 verify',
    nowMs: NOW_MS,
  }));

/** The open gaps once the changes are written. */
function openAfter(input: LockedFacts, mended: ReturnType<typeof mendedRecord>): GapDraft[] {
  const updated = new Map(mended.updates.map((one) => [one.id, one]));
  return [...input.gaps.map((one) => updated.get(one.id) ?? one), ...mended.inserts]
    .filter(({ closedAtMs }) => closedAtMs === undefined)
    .sort((a, b) => a.period.fromMs - b.period.fromMs);
}

const strip = (ranges: readonly TimeRange[]) =>
  ranges.map(({ fromMs, toMs }) => ({ fromMs, toMs }));

test('a mended record fits the rows, and nothing that was settled is forgotten', () => {
  fc.assert(
    fc.property(facts, (input) => {
      const mended = mendedRecord(input);
      const gaps = openAfter(input, mended);
      const record: SeriesRecord = {
        ...SERIES,
        covered: mended.covered,
        gaps: gaps.map(({ period, kind }) => ({ ...period, kind })),
        candles: mended.candles,
        firstCandleMs: mended.firstCandleMs,
        openCandleMs: input.open[0]?.fromMs,
      };
      expect(coverageDrift(record, input.rows, NOW_MS)).toEqual([]);
      expect(subtract(union(input.covered, input.again), mended.covered)).toEqual([]);
      const due = normalise(
        gaps.filter((one) => one.nextAskMs === NOW_MS).map(({ period }) => period),
      );
      expect(strip(due)).toEqual(strip(mended.asked));
      expect(intersect(mended.asked, input.rows)).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

test('a record that fits is left as it is', () => {
  fc.assert(
    fc.property(spans, spans, (rows, missing) => {
      const gaps = subtract(missing, rows).map(
        (period, i) => ({ period, id: String(i) }) as GapRow,
      );
      const covered = union(rows, subtract(missing, rows));
      const mended = mendedRecord({
        ...{ lengthMs: LENGTH_MS, covered, gaps, rows, open: [], again: [], nowMs: NOW_MS },
        ...{ firstCandleMs: undefined, foundBy: 'm1 verify' },
      });
      expect(mended).toMatchObject({ covered, updates: [], inserts: [], asked: [] });
    }),
  );
});
