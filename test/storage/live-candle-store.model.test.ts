import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { SqlLiveCandleStore } from '../../storage/live-candle-store.js';
import {
  anyPage,
  anySpan,
  CandleModel,
  expectSequence,
  pageInput,
  playPage,
  SIZE,
  type PageStep,
  type RowValues,
  type SpanStep,
} from './candle-model.js';
import { clear, DATABASES, opened, type TestDatabase } from './databases.js';
import { at, candlesAt, liveCandle, numbers, ORIGIN, SERIES } from './pages.js';

interface ClosedStep extends RowValues {
  readonly do: 'closed';
  readonly indexes: readonly number[];
}

interface HandOverStep {
  readonly do: 'hand over';
  readonly until: number;
  /** Part of a candle, which is not yet to be handed over. */
  readonly part: number;
}

interface RereadStep {
  readonly do: 'reread';
  readonly page: PageStep;
  /** Candles of which an older answer had the row, and the values that it had. */
  readonly confirmed: (RowValues & { readonly indexes: readonly number[] }) | undefined;
}

type Step = PageStep | SpanStep | ClosedStep | HandOverStep | RereadStep;

const values = { version: fc.nat(2), more: fc.nat(2) };
const indexes = fc.uniqueArray(fc.nat(SIZE - 1), { minLength: 1, maxLength: 4 });

const anyClosed: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('closed' as const),
  indexes,
  ...values,
});

const anyHandOver: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('hand over' as const),
  until: fc.nat(SIZE),
  part: fc.double({ min: 0, max: 0.99, noNaN: true }),
});

const anyReread: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('reread' as const),
  page: anyPage.map((page) => ({ ...page, startsOnFirstDay: false })),
  confirmed: fc.option(
    fc.record({ indexes: fc.uniqueArray(fc.nat(SIZE - 1), { minLength: SIZE / 2 }), ...values }),
    { nil: undefined },
  ),
});

const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: anyClosed },
    { weight: 1, arbitrary: anyHandOver },
    { weight: 3, arbitrary: anyReread },
    { weight: 2, arbitrary: anyPage },
    { weight: 1, arbitrary: anySpan },
  ),
  { maxLength: 10 },
);

/** What the store must answer, and what is stored then. */
class StreamModel extends CandleModel {
  closed({ indexes: unsorted, ...row }: ClosedStep) {
    const batch = [...unsorted].sort((a, b) => a - b);
    const end = this.end() ?? batch[0] ?? 0;
    const missed = numbers(end, batch.at(-1) ?? 0).filter((index) => !batch.includes(index));
    const added = batch.filter((index) => !this.rows.has(index));
    const revised = batch.filter((index) => this.#mayReplace(index, row));
    for (const index of [...added, ...revised]) this.store(index, row);
    for (const index of missed) this.gaps.set(index, 'disconnected');
    const gaps = missed.filter((index) => !missed.includes(index - 1)).length;
    return { added, revised: revised.length, gaps };
  }

  handOver({ until }: HandOverStep): number {
    const end = this.end();
    if (end === undefined || end >= until) return 0;
    for (const index of numbers(end, until)) this.gaps.set(index, 'disconnected');
    return 1;
  }

  reread({ page, confirmed }: RereadStep) {
    const added: number[] = [];
    const doubted: number[] = [];
    let revised = 0;
    this.page(page, (index, row) => {
      const known = this.rows.get(index);
      const sure = confirmed?.indexes.includes(index) === true && same(confirmed, row);
      if (known === undefined) added.push(index);
      else if (same(known, row)) return;
      else if (row.more >= known.more || sure) revised++;
      else {
        doubted.push(index);
        return;
      }
      this.store(index, row);
    });
    return { added, doubted, revised };
  }

  #mayReplace(index: number, row: RowValues): boolean {
    const known = this.rows.get(index);
    return known !== undefined && !same(known, row) && row.more >= known.more;
  }
}

function same(a: RowValues, b: RowValues): boolean {
  return a.version === b.version && a.more === b.more;
}

describe.each(DATABASES)('sequences of stream and pages on $kind', ({ open, hypertable }) => {
  let test_: TestDatabase;

  beforeAll(async () => {
    test_ = await opened(open);
  });
  afterAll(() => test_.close());

  test('keep the invariant, answer and store what the model says', async () => {
    const { database } = test_;
    const pages = new SqlCandleStore({ database, reaskMs: [1000] });
    const live = new SqlLiveCandleStore({ database, reaskMs: [1000] });
    const indexOf = (timeMs: number): number => (timeMs - at(0)) / (at(1) - at(0));

    const play = async (step: Step, model: StreamModel): Promise<void> => {
      switch (step.do) {
        case 'page':
        case 'fail':
        case 'list':
          return playPage(pages, step, model);
        case 'closed': {
          const batch = step.indexes.map((index) => liveCandle(index, step));
          const { added, ...counts } = await live.storeClosed(batch, ORIGIN);
          expect({
            added: added.map(({ openTimeMs }) => indexOf(openTimeMs)),
            ...counts,
          }).toEqual(model.closed(step));
          return;
        }
        case 'hand over': {
          const untilMs = at(step.until + step.part);
          const gaps = await live.handOver([{ ...SERIES, untilMs }], ORIGIN);
          expect(gaps).toBe(model.handOver(step));
          return;
        }
        case 'reread': {
          const { confirmed } = step;
          const older = confirmed && [...confirmed.indexes].sort((a, b) => a - b);
          const { addedMs, doubted, revised } = await live.storeReread({
            ...pageInput(step.page),
            confirmed: older && candlesAt(older, '5m', confirmed.version, confirmed.more),
          });
          expect({
            added: addedMs.map(indexOf),
            doubted: [...doubted.openTimeMs].map(indexOf),
            revised,
          }).toEqual(model.reread(step));
        }
      }
    };

    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        await clear(database);
        await expectSequence(database, sequence, new StreamModel(), play);
      }),
      { numRuns: hypertable ? 25 : 120 },
    );
  });
});
