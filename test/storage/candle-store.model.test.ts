import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SqlCandleStore } from '../../storage/candle-store.js';
import {
  anyPage,
  anySpan,
  CandleModel,
  expectModel,
  type PageStep,
  type SpanStep,
} from './candle-model.js';
import { clear, DATABASES, opened, type TestDatabase } from './databases.js';
import { at, ORIGIN, pageOf, SERIES } from './pages.js';
import { broken, readStored } from './stored.js';

const steps = fc.array(fc.oneof({ weight: 4, arbitrary: anyPage }, anySpan), { maxLength: 10 });

describe.each(DATABASES)('sequences of pages on $kind', ({ open, hypertable }) => {
  let test_: TestDatabase;

  beforeAll(async () => {
    test_ = await opened(open);
  });
  afterAll(() => test_.close());

  test('keep the invariant and store what the model says', async () => {
    const { database } = test_;
    const store = new SqlCandleStore({ database, reaskMs: [1000] });
    const play = async (step: PageStep | SpanStep, model: CandleModel): Promise<void> => {
      if (step.do === 'page') {
        const { from, to, rows, openIndex, ...options } = step;
        const open = openIndex === undefined ? {} : { openIndex };
        await store.storePage(pageOf(from, to, rows, { ...options, ...open }));
        model.page(step);
        return;
      }
      const span = { fromMs: at(step.from), toMs: at(step.to) };
      if (step.do === 'fail') await store.settleFailed(SERIES, [span], ORIGIN, 'no answer');
      else await store.settleBeforeListing([SERIES], span, ORIGIN);
      model.span(step);
    };
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        await clear(database);
        const model = new CandleModel();
        for (const step of sequence) {
          await play(step, model);
          const stored = await readStored(database);
          expect(broken(stored)).toEqual([]);
          expect(stored.candles).toBe(model.rows.size);
        }
        await expectModel(database, await readStored(database), model);
      }),
      { numRuns: hypertable ? 20 : 60 },
    );
  });
});
