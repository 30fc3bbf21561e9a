import { beforeEach, describe, expect, test } from 'vitest';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { makeDue, readLeftOpen } from '../../storage/make-due.js';
import { DATABASES, emptyForEach } from './databases.js';
import { at, numbers, ORIGIN, pageOf, SERIES, span } from './pages.js';
import { broken, readStored } from './stored.js';

const NOW_MS = at(1000);
const UNPROVED = ['unconfirmed', 'failed', 'disconnected'] as const;

describe.each(DATABASES)('gaps made due on $kind', ({ open }) => {
  const test_ = emptyForEach(open);
  let store: SqlCandleStore;

  beforeEach(async () => {
    store = new SqlCandleStore({
      database: test_.database,
      reaskMs: [300_000, 86_400_000],
      now: () => NOW_MS,
    });
    await store.storePage(pageOf(0, 10, [0, 1, 4, 5, 6, 8, 9]));
    const other = { symbol: 'ETHUSDT', timeframe: '1h' } as const;
    await store.settleFailed(other, [{ fromMs: at(0, '1h'), toMs: at(2, '1h') }], ORIGIN, 'x');
    await store.settleBeforeListing([SERIES], { fromMs: at(-5), toMs: at(0) }, ORIGIN);
  });

  const due = async (filter: Parameters<typeof makeDue>[1]) =>
    (await makeDue(test_.database, filter, NOW_MS + 1_000))
      .map(({ symbol, period }) => [symbol, period.fromMs] as const)
      .sort((a, b) => a[1] - b[1]);

  test('chooses by symbol, timeframe, kind and range', async () => {
    expect(await due({ kinds: UNPROVED })).toHaveLength(3);
    expect(await due({ kinds: ['failed'] })).toEqual([['ETHUSDT', at(0)]]);
    expect(await due({ kinds: UNPROVED, symbols: ['BTCUSDT'] })).toEqual([
      ['BTCUSDT', at(2)],
      ['BTCUSDT', at(7)],
    ]);
    expect(await due({ kinds: UNPROVED, timeframes: ['1h'] })).toEqual([['ETHUSDT', at(0)]]);
    expect(await due({ kinds: UNPROVED, range: span(3, 7), symbols: ['BTCUSDT'] })).toEqual([
      ['BTCUSDT', at(2)],
    ]);
    const { gaps } = await readStored(test_.database);
    expect(gaps.map(({ nextAskMs }) => nextAskMs)).toEqual([
      ...[null, NOW_MS + 1_000, NOW_MS + 1_000],
    ]);
  });

  test('what was proved keeps its kind when it is lacking again', async () => {
    await test_.database.query(
      `update gap set kind = 'no_trades', asked = 3, next_ask = null where symbol = 'BTCUSDT'
         and kind = 'unconfirmed'`,
    );
    expect(await due({ kinds: UNPROVED, symbols: ['BTCUSDT'] })).toEqual([]);
    expect(await due({ kinds: ['no_trades'] })).toHaveLength(2);
    // a moment later, before a proof could count again
    await store.storePage(pageOf(0, 10, [0, 1, 4, 5, 6, 7, 8, 9]));
    const stored = await readStored(test_.database);
    expect(broken(stored)).toEqual([]);
    expect(stored.gaps.filter((gap) => gap.open && gap.fromMs >= at(0))).toMatchObject([
      { kind: 'no_trades', nextAskMs: null, asked: 4 },
    ]);
  });

  test('tells what is left of them', async () => {
    const madeDueMs = NOW_MS + 1_000;
    const gaps = await makeDue(test_.database, { kinds: UNPROVED }, madeDueMs);
    const left = () => readLeftOpen(test_.database, gaps, madeDueMs);
    expect(await left()).toHaveLength(3);
    expect(
      (await left()).every(({ answered, nextAskMs }) => !answered && nextAskMs === madeDueMs),
    ).toBe(true);
    await store.storePage(
      pageOf(
        0,
        10,
        numbers(0, 10).filter((i) => i !== 3),
      ),
    );
    expect(await left()).toMatchObject([
      { symbol: 'BTCUSDT', period: span(3, 4), kind: 'unconfirmed', answered: false },
      { symbol: 'ETHUSDT', kind: 'failed', nextAskMs: madeDueMs },
    ]);
  });
});
