import fc from 'fast-check';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { SqlCandleStore } from '../../storage/candle-store.js';
import {
  anyPage,
  anySpan,
  CandleModel,
  expectSequence,
  playPage,
  type PageStep,
  type SpanStep,
} from './candle-model.js';
import { clear, DATABASES, opened, type TestDatabase } from './databases.js';

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
    const play = (step: PageStep | SpanStep, model: CandleModel) => playPage(store, step, model);
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        await clear(database);
        await expectSequence(database, sequence, new CandleModel(), play);
      }),
      { numRuns: hypertable ? 20 : 60 },
    );
  });
});
