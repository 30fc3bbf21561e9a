import { describe, expect, test } from 'vitest';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { readMissing } from '../../storage/totals.js';
import { DATABASES, emptyForEach } from './databases.js';
import { pageOf } from './pages.js';

describe.each(DATABASES)('totals on $kind', ({ open }) => {
  const test_ = emptyForEach(open);

  test('what is missing: candles of open gaps that will be asked for again, by kind', async () => {
    const { database } = test_;
    expect(await readMissing(database)).toEqual([]);
    await new SqlCandleStore({ database, reaskMs: [300_000] }).storePage(
      pageOf(0, 10, [0, 1, 3, 4, 7, 8, 9]),
    );
    expect(await readMissing(database)).toEqual([{ kind: 'unconfirmed', candles: 3 }]);
    await database.query(
      `update gap set kind = 'failed' where upper(period) - lower(period) = interval '10 minutes'`,
    );
    expect(new Set(await readMissing(database))).toEqual(
      new Set([
        { kind: 'unconfirmed', candles: 1 },
        { kind: 'failed', candles: 2 },
      ]),
    );
    // of a pair that is gone nothing will come
    await database.query(`update gap set next_ask = null where kind = 'failed'`);
    expect(await readMissing(database)).toEqual([{ kind: 'unconfirmed', candles: 1 }]);
    await database.query(`update gap set closed_at = now()`);
    expect(await readMissing(database)).toEqual([]);
  });
});
