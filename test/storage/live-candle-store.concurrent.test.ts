import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Series } from '../../domain/series.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { SqlGapQueue } from '../../storage/gap-queue.js';
import { SqlLiveCandleStore } from '../../storage/live-candle-store.js';
import { openPostgres, opened, type TestDatabase } from './databases.js';
import { at, liveCandle, numbers, ORIGIN, pageOf } from './pages.js';
import { expectExactly, expectNoDeadlock } from './after-writers.js';
import { randomFrom } from '../../domain/stretches.js';

const WRITERS = 8;
const STEPS = 60;
const SIZE = 40;
// in another order than that of their keys
const LISTED: readonly Series[] = ['SOLUSDT', 'BTCUSDT', 'ETHUSDT', 'ADAUSDT'].flatMap((symbol) => [
  { symbol, timeframe: '5m' as const },
  { symbol, timeframe: '15m' as const },
]);

let test_: TestDatabase;

beforeAll(async () => {
  test_ = await opened(openPostgres);
});
afterAll(() => test_.close());

test('streams, repairs and pages of the same series never deadlock, lose or double a candle', async () => {
  const { database } = test_;
  const seen = new Map(LISTED.map((series) => [series, new Set<number>()]));
  let added = 0;

  const writer = async (seed: number): Promise<void> => {
    const random = randomFrom(seed);
    const below = (limit: number): number => Math.floor(random() * limit);
    const pages = new SqlCandleStore({ database, reaskMs: [1, 2, 3] });
    const live = new SqlLiveCandleStore({ database, reaskMs: [1, 2, 3] });
    const queue = new SqlGapQueue({ database, reaskMs: [] });
    const some = (): Series[] => LISTED.filter(() => random() < 0.7).sort(() => random() - 0.5);

    const closeCandles = async (): Promise<void> => {
      const first = below(SIZE - 2);
      const batch = some().flatMap((series) =>
        numbers(first, first + 1 + below(2)).map((index) => ({ series, index })),
      );
      const values = { version: below(3), more: below(2) };
      const stored = await live.storeClosed(
        batch.map(({ series, index }) => liveCandle(index, { series, ...values })),
        ORIGIN,
      );
      added += stored.added.length;
      for (const { series, index } of batch) seen.get(series)?.add(index);
    };

    const page = async (again: boolean): Promise<void> => {
      const series = LISTED[below(LISTED.length)] ?? LISTED[0];
      if (series === undefined) return;
      const from = below(SIZE);
      const to = Math.min(SIZE, from + 1 + below(15));
      const share = random();
      const openIndex = random() < 0.4 ? from + below(to - from) : undefined;
      const upTo = openIndex ?? to;
      const rows = numbers(from, to).filter((index) => index <= upTo && random() < share);
      const options = { series, version: below(3), more: below(2) };
      const input = pageOf(from, to, rows, {
        ...options,
        ...(openIndex === undefined ? {} : { openIndex }),
      });
      // read before it is added: the writers share the sum
      const more = again
        ? (await live.storeReread({ ...input, confirmed: undefined })).addedMs.length
        : (await pages.storePage(input)).added;
      added += more;
      for (const index of rows.filter((row) => row < upTo)) seen.get(series)?.add(index);
    };

    for (let step = 0; step < STEPS; step++) {
      const chance = random();
      const until = below(SIZE);
      if (chance < 0.4) await closeCandles();
      else if (chance < 0.6) await page(false);
      else if (chance < 0.8) await page(true);
      else if (chance < 0.95) {
        await live.handOver(
          some().map((series) => ({ ...series, untilMs: at(until, series.timeframe) })),
          ORIGIN,
        );
      } else {
        for (const { symbol, timeframe, period } of await queue.due(3)) {
          await queue.putOff({ symbol, timeframe }, period, Date.now() + below(2_000));
        }
      }
    }
  };
  await Promise.all(numbers(0, WRITERS).map((seed) => writer(seed)));

  expect(added).toBe(await expectExactly(database, seen));
  await expectNoDeadlock(database);
});
