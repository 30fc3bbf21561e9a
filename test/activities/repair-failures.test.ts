import { beforeEach, describe, expect, it } from 'vitest';
import { GiveUpRun, GiveUpSymbol, RetrySoon, ServerAway, WaitUntil } from '../../domain/failure.js';
import { emptyForEach, openPostgres } from '../storage/databases.js';
import { at, numbers, ORIGIN, pageOf } from '../storage/pages.js';
import { clock, fiveMinutes, RepairUnderTest, span } from './repair-under-test.js';

const HOUR_MS = 3_600_000;

const test_ = emptyForEach(openPostgres);
let repair: RepairUnderTest;

beforeEach(() => {
  repair = new RepairUnderTest(test_.database);
});

/** Every request for the symbol ends so. */
function fails(symbol: string, error: Error): void {
  repair.venue.before = (asked) => {
    if (asked.symbol === symbol) throw error;
  };
}

describe('a page that fails', () => {
  it('is put off by 1, 2 and 4 s, then by 5 minutes, and the others go on', async () => {
    await repair.disconnected(4, 'AUSDT', 'BUSDT');
    fails('AUSDT', new RetrySoon('HTTP 500'));
    const run = await repair.attempt().run();
    expect(run).toMatchObject({ requests: 1, candles: 3, waiting: 1, dueInMs: 300_000 });
    expect(repair.queue.putOffMs).toEqual([1_000, 2_000, 4_000, 300_000]);
    expect(clock.slept).toEqual([1_000, 2_000, 4_000]);
    expect(repair.venue.order.filter((each) => each === 'AUSDT 5m')).toHaveLength(4);
    const [gap, ...others] = await repair.openGaps();
    expect(others).toEqual([]);
    expect(gap).toMatchObject({ symbol: 'AUSDT', kind: 'disconnected', period: span(1, 4) });
  });

  it('begins anew with 1 s once it was answered', async () => {
    await repair.disconnected(2);
    const { venue, queue } = repair;
    let failures = 2;
    venue.before = () => {
      if (failures-- > 0) throw new RetrySoon('HTTP 500');
    };
    // not closed yet by the clock of the first answer
    venue.nowMs = at(2) - 6_000;
    venue.rows = (rows) => {
      failures = 1;
      venue.nowMs = at(20);
      venue.rows = (all) => all;
      return rows;
    };
    expect(await repair.attempt().run()).toMatchObject({ candles: 1, waiting: 0 });
    expect(queue.putOffMs).toEqual([1_000, 2_000, 3_000, 1_000]);
  });

  it.each([
    new WaitUntil('banned', at(7_000), true),
    new ServerAway('the budget cannot be had'),
    new GiveUpRun('HTTP 403: region'),
    new TypeError('a bug'),
  ])('by no fault of its own ends the attempt, and stays due ($name)', async (error) => {
    await repair.disconnected(4, 'AUSDT', 'BUSDT');
    fails('AUSDT', error);
    await expect(repair.attempt().run()).rejects.toBe(error);
    expect(repair.queue.putOffMs).toEqual([]);
    // what was under way beside it was finished
    expect((await repair.queue.due(10)).map(({ symbol }) => symbol)).toEqual(['AUSDT']);
  });
});

describe('a pair that the venue refuses', () => {
  it('is put off by an hour while the venue lists it, and the others go on', async () => {
    await repair.disconnected(4, 'AUSDT', 'BUSDT');
    fails('AUSDT', new GiveUpSymbol('Not supported symbols'));
    repair.venue.listed = () => ['AUSDT', 'BUSDT'];
    const run = await repair.attempt().run();
    expect(run).toMatchObject({ requests: 1, candles: 3, waiting: 1, dueInMs: HOUR_MS });
    expect(repair.queue.putOffMs).toEqual([HOUR_MS]);
    expect(await repair.openGaps()).toMatchObject([{ symbol: 'AUSDT', kind: 'disconnected' }]);
  });

  it('is sealed when the listing lacks it, which is read once and recorded', async () => {
    const symbols = ['AUSDT', 'BUSDT', 'CUSDT'];
    for (const series of symbols.map(fiveMinutes)) {
      await repair.store.storePage(pageOf(0, 5, numbers(0, 5), { series }));
      await repair.store.settleFailed(series, [span(5, 12)], ORIGIN, 'HTTP 502');
    }
    clock.nowMs += HOUR_MS;
    repair.venue.before = () => {
      throw new GiveUpSymbol('retCode 10001');
    };
    let listings = 0;
    repair.venue.listed = () => {
      listings++;
      return ['CUSDT', 'NEWUSDT'];
    };
    const counts = { requests: 0, candles: 0, gaps: 3 };
    expect(await repair.attempt().run()).toEqual({ ...counts, waiting: 1, dueInMs: HOUR_MS });
    const sealed = { kind: 'after_delisting', reason: 'the venue no longer lists the pair' };
    expect(await repair.openGaps()).toMatchObject([
      { symbol: 'AUSDT', ...sealed, nextAskMs: undefined },
      { symbol: 'BUSDT', ...sealed, nextAskMs: undefined },
      { symbol: 'CUSDT', kind: 'failed', nextAskMs: clock.nowMs + HOUR_MS },
    ]);
    expect(listings).toBe(1);
    expect(await repair.symbols.activeSymbols()).toEqual(['CUSDT', 'NEWUSDT']);
    expect(await repair.registry.metrics()).toContain(
      'm1_repair_typed_total{kind="after_delisting"} 2',
    );
  });

  it('is neither while the listing cannot be read, which is tried again', async () => {
    await repair.disconnected(4);
    repair.venue.before = () => {
      throw new GiveUpSymbol('retCode 10001');
    };
    let failures = 2;
    repair.venue.listed = () => {
      if (failures-- > 0) throw new RetrySoon('HTTP 502');
      return ['ETHUSDT'];
    };
    expect(await repair.attempt().run()).toMatchObject({ gaps: 3, waiting: 0 });
    expect(repair.queue.putOffMs).toEqual([1_000, 2_000]);
    expect(await repair.openGaps()).toMatchObject([{ kind: 'after_delisting' }]);
  });
});
