import { beforeEach, describe, expect, test } from 'vitest';
import type { Series } from '../../domain/series.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { SqlGapQueue } from '../../storage/gap-queue.js';
import { readGaps } from '../../storage/read-gaps.js';
import { SqlSymbolStore } from '../../storage/symbol-store.js';
import { DATABASES, emptyForEach } from './databases.js';
import { at, numbers, ORIGIN, pageOf, span } from './pages.js';
import { broken, readStored } from './stored.js';

const WAIT_MS = 1_000;
const LENGTH = 40;

describe.each(DATABASES)('outages of the venue on $kind', ({ open }) => {
  const test_ = emptyForEach(open);
  let nowMs: number;
  let store: SqlCandleStore;
  let queue: SqlGapQueue;

  beforeEach(() => {
    nowMs = at(1000);
    const options = { database: test_.database, reaskMs: [WAIT_MS], now: () => nowMs };
    store = new SqlCandleStore(options);
    queue = new SqlGapQueue(options);
  });

  const series = (i: number, timeframe: Series['timeframe'] = '5m'): Series => ({
    symbol: `S${String(i).padStart(2, '0')}USDT`,
    timeframe,
  });

  /** Answers to one series, all of them without the candles `missing`. */
  async function answered(one: Series, missing: readonly number[], times = 2): Promise<void> {
    const rows = numbers(0, LENGTH).filter((i) => !missing.includes(i));
    for (let i = 0; i < times; i++) {
      await store.storePage(pageOf(0, LENGTH, rows, { series: one }));
      nowMs += WAIT_MS;
    }
  }

  async function kindsOf(one: Series): Promise<[number, number, string][]> {
    const filter = { symbols: [one.symbol], timeframes: [one.timeframe], openOnly: true };
    const { gaps } = await readGaps(test_.database, filter);
    return gaps.map(({ period, kind }) => [
      (period.fromMs - at(0)) / 300_000,
      (period.toMs - at(0)) / 300_000,
      kind,
    ]);
  }

  test('a span that nine in ten series lack, and nothing beside it', async () => {
    for (const i of numbers(0, 8)) await answered(series(i), numbers(10, 20));
    await answered(series(8), [...numbers(6, 24), 30]);
    await answered(series(9), [30]);
    expect(await queue.typeOutages()).toBe(9);
    expect(await kindsOf(series(0))).toEqual([[10, 20, 'venue_outage']]);
    expect(await kindsOf(series(8))).toEqual([
      [6, 10, 'no_trades'],
      [10, 20, 'venue_outage'],
      [20, 24, 'no_trades'],
      [30, 31, 'no_trades'],
    ]);
    expect(await kindsOf(series(9))).toEqual([[30, 31, 'no_trades']]);
    for (const i of numbers(0, 10)) {
      expect(broken(await readStored(test_.database, series(i)), series(i))).toEqual([]);
    }
    const { gaps } = await readGaps(test_.database, { symbols: [series(8).symbol] });
    expect(gaps.map(({ asked, answers }) => [asked, answers.length])).toEqual([
      ...[[2, 2], [2, 2], [2, 2], [2, 2]], // prettier-ignore
    ]);
    // once is enough, and a candle that comes all the same is believed
    expect(await queue.typeOutages()).toBe(0);
    await store.storePage(pageOf(0, LENGTH, numbers(0, LENGTH), { series: series(0) }));
    expect(await kindsOf(series(0))).toEqual([]);
  });

  test('no span that fewer lack, or that too few series could show', async () => {
    for (const i of numbers(0, 8)) await answered(series(i), [10]);
    for (const i of numbers(8, 10)) await answered(series(i), []);
    for (const i of numbers(0, 4)) await answered(series(i, '1h'), [10]);
    expect(await queue.typeOutages()).toBe(0);
  });

  test('only what is proved, though what is unconfirmed counts', async () => {
    for (const i of numbers(0, 5)) await answered(series(i), [10]);
    for (const i of numbers(5, 10)) await answered(series(i), [10], 1);
    expect(await queue.typeOutages()).toBe(5);
    expect(await kindsOf(series(0))).toEqual([[10, 11, 'venue_outage']]);
    expect(await kindsOf(series(5))).toEqual([[10, 11, 'unconfirmed']]);
    for (const i of numbers(5, 10)) await answered(series(i), [10], 1);
    expect(await queue.typeOutages()).toBe(5);
  });

  test('only series that live at that time count', async () => {
    for (const i of numbers(0, 5)) await answered(series(i), [10]);
    // not listed yet, not asked for, gone
    await answered(series(5), []);
    await store.settleBeforeListing([series(6)], span(0, 20), ORIGIN);
    await store.storePage(pageOf(20, LENGTH, numbers(20, LENGTH), { series: series(6) }));
    await store.storePage(pageOf(20, LENGTH, numbers(20, LENGTH), { series: series(7) }));
    expect(await queue.typeOutages()).toBe(0);
    const listed = numbers(0, 8).filter((i) => i !== 5);
    await new SqlSymbolStore(test_.database).refresh(
      numbers(0, 8).map((i) => instrument(series(i).symbol)),
    );
    expect(await queue.typeOutages()).toBe(0);
    await new SqlSymbolStore(test_.database).refresh(
      listed.map((i) => instrument(series(i).symbol)),
    );
    expect(await queue.typeOutages()).toBe(5);
  });
});

function instrument(symbol: string) {
  return {
    symbol,
    base: symbol.slice(0, -4),
    quote: 'USDT',
    pricePrecision: 1,
    amountPrecision: 1,
  };
}
