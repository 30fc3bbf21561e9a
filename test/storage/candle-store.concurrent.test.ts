import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Series } from '../../domain/series.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { openPostgres, opened, type TestDatabase } from './databases.js';
import { at, numbers, ORIGIN, pageOf } from './pages.js';
import { expectExactly, expectNoDeadlock } from './after-writers.js';
import { randomFrom } from '../../domain/stretches.js';

const WRITERS = 8;
const STEPS = 60;
const SIZE = 120;
const FIVE_MINUTES: Series = { symbol: 'BTCUSDT', timeframe: '5m' };
const ONE_HOUR: Series = { symbol: 'BTCUSDT', timeframe: '1h' };
const LISTED = [FIVE_MINUTES, ONE_HOUR];

let test_: TestDatabase;

beforeAll(async () => {
  test_ = await opened(openPostgres);
});
afterAll(() => test_.close());

test('writers of the same series never deadlock, lose or double a candle', async () => {
  const { database } = test_;
  const seen = new Map(LISTED.map((series) => [series, new Set<number>()]));
  let added = 0;

  const writer = async (seed: number): Promise<void> => {
    const random = randomFrom(seed);
    const below = (limit: number): number => Math.floor(random() * limit);
    const store = new SqlCandleStore({ database, reaskMs: [1, 2, 3] });
    for (let step = 0; step < STEPS; step++) {
      const series = random() < 0.5 ? FIVE_MINUTES : ONE_HOUR;
      const from = below(SIZE);
      const to = Math.min(SIZE, from + 1 + below(30));
      const chance = random();
      const span = { fromMs: at(from, series.timeframe), toMs: at(to, series.timeframe) };
      if (chance < 0.1) await store.settleFailed(series, [span], ORIGIN, 'no answer');
      else if (chance < 0.2) await store.settleBeforeListing(LISTED, span, ORIGIN);
      else {
        const share = random();
        const rows = numbers(from, to).filter(() => random() < share);
        const openIndex = random() < 0.3 ? from + below(to - from) : undefined;
        const upTo = openIndex ?? to;
        const { added: more } = await store.storePage(
          pageOf(
            from,
            to,
            rows.filter((index) => index <= upTo),
            {
              series,
              version: below(3),
              ...(openIndex === undefined ? {} : { openIndex }),
            },
          ),
        );
        added += more;
        for (const index of rows.filter((row) => row < upTo)) seen.get(series)?.add(index);
      }
    }
  };
  await Promise.all(numbers(0, WRITERS).map((seed) => writer(seed)));

  expect(added).toBe(await expectExactly(database, seen));
  await expectNoDeadlock(database);
});
