import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { GAP_KINDS } from '../../domain/gap.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { readCompleteness } from '../../storage/completeness.js';
import { clear, DATABASES, emptyForEach } from './databases.js';
import { at, numbers, ORIGIN, pageOf, SERIES, span } from './pages.js';

const NOW_MS = at(25) + 60_000;

describe.each(DATABASES)('completeness on $kind', ({ open }) => {
  const test_ = emptyForEach(open);
  let store: SqlCandleStore;

  beforeEach(async () => {
    await test_.database.query('delete from retention');
    store = new SqlCandleStore({ database: test_.database, reaskMs: [300_000], now: () => NOW_MS });
  });

  const read = (fromMs: number, toMs: number) =>
    readCompleteness(test_.database, {
      series: SERIES,
      range: { fromMs, toMs },
      reachedMs: NOW_MS,
    });
  const complete = async (fromMs: number, toMs: number): Promise<boolean | undefined> => {
    const values = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
    const { rows } = await test_.database.query<{ complete: boolean }>(
      `select m1_complete('BTCUSDT', '5m', $1, $2) as complete`,
      values,
    );
    return rows[0]?.complete;
  };

  test('names each reason', async () => {
    await store.storePage(pageOf(0, 10, [0, 1, 4, 5, 6, 7, 8, 9]));
    await store.settleFailed(SERIES, [span(12, 14)], ORIGIN, 'no answer');
    await test_.database.query(
      `insert into retention (timeframe, horizon, keep, applied_at) values ('5m', $1, '1 day', now())`,
      [new Date(at(-2)).toISOString()],
    );
    expect(await read(at(-4), at(30))).toEqual({
      ...{ ...SERIES, candles: 34, stored: 8 },
      missing: [
        { period: span(-4, -2), reason: 'removed' },
        { period: span(-2, 0), reason: 'never_asked' },
        { period: span(2, 4), reason: 'unconfirmed' },
        { period: span(10, 12), reason: 'never_asked' },
        { period: span(12, 14), reason: 'failed' },
        { period: span(14, 25), reason: 'never_asked' },
        { period: span(25, 26), reason: 'open' },
        { period: span(26, 30), reason: 'future' },
      ],
    });
  });

  test('a candle that has not ended by the end of the range does not count', async () => {
    await store.storePage(pageOf(0, 10, numbers(0, 10)));
    expect(await read(at(0) + 1, at(10) + 299_999)).toMatchObject({ candles: 9, missing: [] });
    expect(await read(at(3) + 1, at(4))).toMatchObject({ candles: 0, missing: [] });
  });

  async function deleteRows(indexes: readonly number[]): Promise<void> {
    const times = indexes.map((i) => new Date(at(i)).toISOString());
    await test_.database.query('delete from ohlcv where "timestamp" = any($1::timestamptz[])', [
      times,
    ]);
  }

  test('a row that somebody deleted is missing at once', async () => {
    await store.storePage(pageOf(0, 10, numbers(0, 10)));
    expect(await complete(at(0), at(10))).toBe(true);
    await deleteRows([3, 4, 8]);
    expect(await read(at(0), at(10))).toEqual({
      ...{ ...SERIES, candles: 10, stored: 7 },
      missing: [
        { period: span(3, 5), reason: 'lost' },
        { period: span(8, 9), reason: 'lost' },
      ],
    });
    expect(await complete(at(0), at(10))).toBe(false);
    expect(await complete(at(5), at(8))).toBe(true);
  });

  test('nothing is missing exactly when m1_complete() is true', async () => {
    const gap = fc.record({
      from: fc.nat(19),
      length: fc.integer({ min: 1, max: 3 }),
      kind: fc.constantFrom(...GAP_KINDS),
    });
    const moment = fc.integer({ min: at(-2), max: at(24) });
    const deleted = fc.array(fc.nat(21), { maxLength: 2 });
    let both = 0;
    const agrees = async (
      gaps: readonly { from: number; length: number; kind: string }[],
      lost: readonly number[],
      [a, b]: readonly [number, number],
    ): Promise<void> => {
      await clear(test_.database);
      const missing = new Set(gaps.flatMap(({ from, length }) => numbers(from, from + length)));
      const there = numbers(0, 22).filter((i) => !missing.has(i));
      await store.storePage(pageOf(0, 22, there));
      for (const { from, length, kind } of gaps) {
        await test_.database.query(
          `update gap set kind = $1 where period && tstzrange($2, $3) and closed_at is null`,
          [kind, new Date(at(from)).toISOString(), new Date(at(from + length)).toISOString()],
        );
      }
      await deleteRows(lost);
      const [fromMs, toMs] = [Math.min(a, b), Math.max(a, b)];
      const { missing: found, candles, stored } = await read(fromMs, toMs);
      expect(found.length === 0).toBe(await complete(fromMs, toMs));
      expect(stored).toBeLessThanOrEqual(candles);
      both |= found.length === 0 ? 1 : 2;
    };
    await fc.assert(
      fc.asyncProperty(
        ...[fc.array(gap, { maxLength: 3 }), deleted, fc.tuple(moment, moment)],
        agrees,
      ),
      { numRuns: 60 },
    );
    expect(both).toBe(3);
  });
});
