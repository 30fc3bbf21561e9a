import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GapKind } from '../../domain/gap.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { clear, DATABASES, opened, type TestDatabase } from './databases.js';
import { at, numbers, ORIGIN, pageOf, SERIES } from './pages.js';
import { broken, readStored, type Stored } from './stored.js';

/** Candles that the sequences play with. */
const SIZE = 24;

type Step =
  | {
      readonly do: 'page';
      readonly from: number;
      readonly to: number;
      readonly rows: readonly number[];
      readonly skipped: readonly number[];
      readonly openIndex: number | undefined;
      readonly startsOnFirstDay: boolean;
      readonly version: number;
    }
  | { readonly do: 'fail' | 'list'; readonly from: number; readonly to: number };

/** What must be stored, candle by candle; `version` of a row, or the kind of its gap. */
class Model {
  readonly rows = new Map<number, number>();
  readonly gaps = new Map<number, GapKind>();

  apply(step: Step): void {
    if (step.do !== 'page') {
      const kind = step.do === 'fail' ? 'failed' : 'before_listing';
      for (const index of numbers(step.from, step.to)) {
        const overruled = step.do === 'list' && this.gaps.has(index);
        if (overruled || !this.#settled(index)) this.gaps.set(index, kind);
      }
      return;
    }
    const first = step.rows[0];
    let leading = step.startsOnFirstDay && first !== undefined;
    for (const index of numbers(step.from, Math.min(step.to, step.openIndex ?? step.to))) {
      if (step.skipped.includes(index)) leading = false;
      else if (step.rows.includes(index)) {
        leading = false;
        this.rows.set(index, step.version);
        this.gaps.delete(index);
      } else this.#missing(index, leading);
    }
  }

  #settled(index: number): boolean {
    return this.rows.has(index) || this.gaps.has(index);
  }

  #missing(index: number, leading: boolean): void {
    const answered = leading ? 'before_listing' : 'unconfirmed';
    const known = this.gaps.get(index);
    if (known === 'before_listing' || this.rows.has(index)) return;
    this.gaps.set(index, answered);
  }
}

const pair = fc
  .tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1))
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) + 1 }));

const pageStep = fc
  .record({
    window: pair,
    present: fc.array(fc.constantFrom('row', 'row', 'hole', 'skipped'), {
      minLength: SIZE,
      maxLength: SIZE,
    }),
    open: fc.option(fc.nat(SIZE - 1), { nil: undefined, freq: 2 }),
    startsOnFirstDay: fc.boolean(),
    version: fc.nat(3),
  })
  .map(({ window, present, open, startsOnFirstDay, version }): Step => {
    const upTo = open === undefined ? window.to : Math.min(window.to, open + 1);
    const have = (what: string): number[] =>
      numbers(window.from, upTo).filter((index) => present[index] === what);
    return {
      do: 'page',
      ...window,
      rows: have('row'),
      skipped: have('skipped'),
      openIndex: open,
      startsOnFirstDay,
      version,
    };
  });

const otherStep = fc
  .record({ what: fc.constantFrom('fail' as const, 'list' as const), span: pair })
  .map(({ what, span }): Step => ({ do: what, ...span }));

const steps = fc.array(fc.oneof({ weight: 4, arbitrary: pageStep }, otherStep), { maxLength: 10 });

function kindsByIndex(stored: Stored): [number, GapKind][] {
  return stored.gaps
    .filter((gap) => gap.open)
    .flatMap(({ fromMs, toMs, kind }) =>
      numbers(0, SIZE)
        .filter((index) => at(index) >= fromMs && at(index) < toMs)
        .map((index): [number, GapKind] => [index, kind]),
    );
}

describe.each(DATABASES)('sequences of pages on $kind', ({ open, hypertable }) => {
  let test_: TestDatabase;

  beforeAll(async () => {
    test_ = await opened(open);
  });
  afterAll(() => test_.close());

  test('keep the invariant and store what the model says', async () => {
    const { database } = test_;
    const store = new SqlCandleStore({ database, reaskMs: [1000] });
    const play = async (step: Step): Promise<void> => {
      if (step.do === 'page') {
        const { from, to, rows, openIndex, ...options } = step;
        const open = openIndex === undefined ? {} : { openIndex };
        await store.storePage(pageOf(from, to, rows, { ...options, ...open }));
        return;
      }
      const span = { fromMs: at(step.from), toMs: at(step.to) };
      if (step.do === 'fail') await store.settleFailed(SERIES, [span], ORIGIN, 'no answer');
      else await store.settleBeforeListing([SERIES], span, ORIGIN);
    };
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        await clear(database);
        const model = new Model();
        for (const step of sequence) {
          const before = model.rows.size;
          await play(step);
          model.apply(step);
          const stored = await readStored(database);
          expect(broken(stored)).toEqual([]);
          expect(stored.candles - before).toBe(model.rows.size - before);
        }
        const stored = await readStored(database);
        expect(kindsByIndex(stored)).toEqual([...model.gaps].sort(([a], [b]) => a - b));
        const closed = await database.query<{ close: number }>(
          'select close from ohlcv_closed order by "timestamp"',
        );
        expect(closed.rows.map(({ close }) => close)).toEqual(
          [...model.rows].sort(([a], [b]) => a - b).map(([i, version]) => 101 + i + version / 8),
        );
      }),
      { numRuns: hypertable ? 20 : 60 },
    );
  });
});
