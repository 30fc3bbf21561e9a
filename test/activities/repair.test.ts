import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Repair } from '../../activities/repair/repair.js';
import { GiveUpRun, GiveUpSymbol, RetrySoon, ServerAway, WaitUntil } from '../../domain/failure.js';
import type { RepairCounts } from '../../domain/repair.js';
import type { Series } from '../../domain/series.js';
import type { GapQueue } from '../../domain/stores.js';
import type { TimeRange } from '../../domain/time-range.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { SqlGapQueue } from '../../storage/gap-queue.js';
import { SqlLiveCandleStore } from '../../storage/live-candle-store.js';
import { clear, opened, openPostgres, type TestDatabase } from '../storage/databases.js';
import { at, liveCandle, numbers, ORIGIN, SERIES } from '../storage/pages.js';
import { broken, readStored } from '../storage/stored.js';
import { candlesAt, ScriptedVenue, untilGivenUp, without } from './scripted-venue.js';

const NOTHING: RepairCounts = { requests: 0, candles: 0, gaps: 0 };
const REASK_MS = 300_000;
const MINUTE_MS = 60_000;
const NEVER = new AbortController().signal;
const REPAIR = { ...ORIGIN, source: 'repair' } as const;

let test_: TestDatabase;
let live: SqlLiveCandleStore;
let candles: SqlCandleStore;

beforeAll(async () => {
  test_ = await opened(openPostgres);
  const storing = { database: test_.database, reaskMs: [REASK_MS, 86_400_000] };
  live = new SqlLiveCandleStore(storing);
  candles = new SqlCandleStore(storing);
});
afterAll(() => test_.close());
beforeEach(() => clear(test_.database));

/** The real queue, in which what is put off by less than a minute is due a hundred times sooner. */
class QuickQueue implements GapQueue {
  /** What was asked for, ms. */
  readonly waits: number[] = [];
  readonly #queue = new SqlGapQueue(test_.database);

  due(limit: number) {
    return this.#queue.due(limit);
  }

  nextDueMs() {
    return this.#queue.nextDueMs();
  }

  async putOff(series: Series, period: TimeRange, untilMs: number): Promise<void> {
    const waitMs = untilMs - Date.now();
    this.waits.push(Math.round(waitMs / 1_000) * 1_000);
    const quickMs = waitMs < MINUTE_MS ? waitMs / 100 : waitMs;
    await this.#queue.putOff(series, period, Date.now() + quickMs);
  }
}

function repairing(signal: AbortSignal = NEVER, before: RepairCounts = NOTHING) {
  const venue = new ScriptedVenue(at(10_000));
  const queue = new QuickQueue();
  const progress: RepairCounts[] = [];
  const repair = new Repair(
    {
      ...{ venue, candles, gaps: queue, origin: REPAIR, signal },
      reaskMs: REASK_MS,
      onProgress: (counts) => progress.push(counts),
      nowMs: Date.now,
    },
    before,
  );
  return { repair, venue, queue, progress };
}

/** Candle 0 is stored, and all from there to `until` were handed over. */
async function disconnected(until: number, ...series: Series[]): Promise<void> {
  const all = series.length === 0 ? [SERIES] : series;
  await live.storeClosed(
    all.map((each) => liveCandle(0, { series: each })),
    ORIGIN,
  );
  await live.handOver(
    all.map((each) => ({ ...each, untilMs: at(until, each.timeframe) })),
    ORIGIN,
  );
}

async function openGaps(series: Series = SERIES) {
  const stored = await readStored(test_.database, series);
  expect(broken(stored, series)).toEqual([]);
  return stored.gaps.filter(({ open }) => open);
}

function series(symbol: string, timeframe: Series['timeframe'] = '5m'): Series {
  return { symbol, timeframe };
}

describe('gaps that are due', () => {
  it('are asked for, stored and closed', async () => {
    await disconnected(9);
    const { repair, venue, progress } = repairing();
    expect(await repair.run()).toEqual({ requests: 1, candles: 8, gaps: 1 });
    expect(venue.asked.map(({ window }) => window)).toEqual([{ fromMs: at(1), toMs: at(9) }]);
    expect(await openGaps()).toEqual([]);
    expect((await readStored(test_.database, SERIES)).rowsMs).toEqual(
      numbers(0, 9).map((i) => at(i)),
    );
    expect(progress.at(-1)).toEqual({ requests: 1, candles: 8, gaps: 1 });
    const { rows } = await test_.database.query(
      `select source, workflow_id from "fetch" where source <> 'ws'`,
    );
    expect(rows).toContainEqual({ source: 'repair', workflow_id: REPAIR.workflowId });
  });

  it('are counted on from what an earlier attempt has done', async () => {
    await disconnected(3);
    const { repair } = repairing(NEVER, { requests: 10, candles: 100, gaps: 5 });
    expect(await repair.run()).toEqual({ requests: 11, candles: 102, gaps: 6 });
  });

  it('cost nothing when there are none', async () => {
    const { repair, venue } = repairing();
    expect(await repair.run()).toEqual(NOTHING);
    expect(venue.asked).toEqual([]);
  });

  it('share pages: 3,500 neighbours of a series are a few requests', async () => {
    const ranges = numbers(0, 3_500).map((i) => ({ fromMs: at(2 * i), toMs: at(2 * i + 1) }));
    await candles.settleFailed(SERIES, ranges, ORIGIN, 'no answer');
    const { repair, venue } = repairing();
    const counts = await repair.run();
    expect(counts.gaps).toBe(3_500);
    expect(counts.requests).toBeLessThanOrEqual(12);
    expect(venue.asked).toHaveLength(counts.requests);
    expect(await openGaps()).toEqual([]);
    const asked = venue.asked.map(({ window }) => window.fromMs);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('of many series are asked for 32 pages at once', async () => {
    const many = numbers(0, 100).map((i) => series(`S${i}USDT`));
    await disconnected(4, ...many);
    const { repair, venue } = repairing();
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    venue.before = () => answered;
    const run = repair.run();
    await vi.waitFor(() => expect(venue.underWay).toBe(32), { timeout: 5_000 });
    answer();
    expect(await run).toEqual({ requests: 100, candles: 300, gaps: 100 });
    expect(venue.mostUnderWay).toBe(32);
  });

  it('meanwhile are asked for as well, those due much later are left', async () => {
    await disconnected(4, series('AUSDT'), series('BUSDT'), series('CUSDT'));
    const queue = new SqlGapQueue(test_.database);
    const whole = { fromMs: at(0), toMs: at(9) };
    await queue.putOff(series('BUSDT'), whole, Date.now() + 600);
    await queue.putOff(series('CUSDT'), whole, Date.now() + 20_000);
    const { repair, venue } = repairing();
    const began = performance.now();
    expect(await repair.run()).toMatchObject({ requests: 2, gaps: 2 });
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(venue.order).toEqual(['AUSDT 5m', 'BUSDT 5m']);
    expect(await openGaps(series('CUSDT'))).toHaveLength(1);
  });

  it('are not overlooked when they become due just as the repair comes to its end', async () => {
    await disconnected(4);
    const dueMs = Date.now() + 300;
    await new SqlGapQueue(test_.database).putOff(SERIES, { fromMs: at(0), toMs: at(9) }, dueMs);
    const { repair, queue } = repairing();
    const nextDueMs = queue.nextDueMs.bind(queue);
    queue.nextDueMs = async () => {
      await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(dueMs));
      return nextDueMs();
    };
    expect(await repair.run()).toMatchObject({ requests: 1, candles: 3 });
  });
});

describe('a page that fails', () => {
  it('is put off by 1, 2 and 4 s, then by 5 minutes, and the others go on', async () => {
    await disconnected(4, series('AUSDT'), series('BUSDT'));
    const { repair, venue, queue } = repairing();
    venue.before = ({ symbol }) => {
      if (symbol === 'AUSDT') throw new RetrySoon('HTTP 500');
    };
    expect(await repair.run()).toMatchObject({ requests: 1, candles: 3 });
    expect(queue.waits).toEqual([1_000, 2_000, 4_000, 300_000]);
    expect(venue.order.filter((each) => each === 'AUSDT 5m')).toHaveLength(4);
    expect(await openGaps(series('BUSDT'))).toEqual([]);
    const [gap] = await openGaps(series('AUSDT'));
    expect(gap).toMatchObject({ kind: 'disconnected', fromMs: at(1), toMs: at(4) });
    expect((gap?.nextAskMs ?? 0) - Date.now()).toBeGreaterThan(290_000);
  });

  it('begins anew with 1 s once it was answered', async () => {
    await disconnected(4);
    const { repair, venue, queue } = repairing();
    let failures = 2;
    venue.before = () => {
      if (failures-- > 0) throw new RetrySoon('HTTP 500');
    };
    // not closed yet by the clock of the first answer
    venue.nowMs = at(4) - 6_000;
    venue.rows = (rows) => {
      failures = 1;
      venue.nowMs = at(20);
      venue.rows = (all) => all;
      return rows;
    };
    expect(await repair.run()).toMatchObject({ candles: 3 });
    // half of the time until the last candle closes, then from the start again
    expect(queue.waits).toEqual([1_000, 2_000, 3_000, 1_000]);
  });

  it('of a symbol that the venue refuses is put off by an hour', async () => {
    await disconnected(4, series('AUSDT'), series('BUSDT'));
    const { repair, venue, queue } = repairing();
    venue.before = ({ symbol }) => {
      if (symbol === 'AUSDT') throw new GiveUpSymbol('Not supported symbols');
    };
    expect(await repair.run()).toMatchObject({ requests: 1, candles: 3 });
    expect(queue.waits).toEqual([3_600_000]);
    expect(await openGaps(series('AUSDT'))).toHaveLength(1);
  });

  it.each([
    new WaitUntil('banned', Date.now() + 600_000, true),
    new ServerAway('the budget cannot be had'),
    new GiveUpRun('HTTP 403: region'),
    new TypeError('a bug'),
  ])('by no fault of its own ends the attempt, and stays due ($name)', async (error) => {
    await disconnected(4, series('AUSDT'), series('BUSDT'));
    const { repair, venue, queue } = repairing();
    venue.before = ({ symbol }) => {
      if (symbol === 'AUSDT') throw error;
    };
    await expect(repair.run()).rejects.toBe(error);
    expect(queue.waits).toEqual([]);
    expect((await queue.due(10)).map(({ symbol }) => symbol)).toContain('AUSDT');
    // what was under way beside it was finished
    expect(await openGaps(series('BUSDT'))).toEqual([]);
  });
});

describe('a hole that the venue confirms', () => {
  it('does not make the repair go round: it is unconfirmed and due again in 5 minutes', async () => {
    await disconnected(9);
    const { repair, venue } = repairing();
    const missing = [at(3), at(4)];
    venue.rows = (rows) => without(rows, (timeMs) => missing.includes(timeMs));
    expect(await repair.run()).toEqual({ requests: 1, candles: 6, gaps: 1 });
    const [gap, ...others] = await openGaps();
    expect(others).toEqual([]);
    expect(gap).toMatchObject({ fromMs: at(3), toMs: at(5), kind: 'unconfirmed', asked: 1 });
    expect((gap?.nextAskMs ?? 0) - Date.now()).toBeGreaterThan(REASK_MS - 10_000);
  });

  it('is asked for twice when the whole page is empty', async () => {
    await disconnected(9);
    const { repair, venue } = repairing();
    venue.rows = () => candlesAt([]);
    expect(await repair.run()).toEqual({ requests: 2, candles: 0, gaps: 1 });
    expect(await openGaps()).toMatchObject([{ fromMs: at(1), toMs: at(9), kind: 'unconfirmed' }]);
  });

  it('does not, either, when the venue gives rows without prices', async () => {
    await disconnected(9);
    const { repair, venue } = repairing();
    venue.rows = (rows) => without(rows, (timeMs) => timeMs === at(3));
    venue.skipped = () => [at(3)];
    expect(await repair.run()).toEqual({ requests: 1, candles: 7, gaps: 1 });
    const [gap, ...others] = await openGaps();
    expect(others).toEqual([]);
    expect(gap).toMatchObject({ fromMs: at(3), toMs: at(4), kind: 'disconnected' });
    expect((gap?.nextAskMs ?? 0) - Date.now()).toBeGreaterThan(REASK_MS - 10_000);
  });
});

describe("a candle that is not closed by the answer's own clock", () => {
  it('is asked for again seconds later, the others of the page are stored at once', async () => {
    await disconnected(9);
    const { repair, venue, queue } = repairing();
    venue.nowMs = at(9) + 1_000;
    venue.rows = (rows) => {
      venue.nowMs = at(9) + 3_000;
      return rows;
    };
    expect(await repair.run()).toEqual({ requests: 2, candles: 8, gaps: 2 });
    expect(queue.waits).toEqual([3_000]);
    expect(venue.asked[1]?.window).toEqual({ fromMs: at(8), toMs: at(9) });
    expect(await openGaps()).toEqual([]);
  });

  it('keeps nobody who cancels waiting', async () => {
    await disconnected(9);
    const cancel = new AbortController();
    const { repair, venue, queue } = repairing(cancel.signal);
    venue.nowMs = at(9) + 1_000;
    queue.putOff = async (each, period, untilMs) => {
      queue.waits.push(untilMs);
      await new SqlGapQueue(test_.database).putOff(each, period, untilMs);
    };
    const run = repair.run();
    await vi.waitFor(() => expect(queue.waits).toHaveLength(1), { timeout: 5_000 });
    const began = performance.now();
    cancel.abort(new Error('cancelled'));
    await expect(run).rejects.toThrow();
    expect(performance.now() - began).toBeLessThan(1_000);
    const gaps = await openGaps();
    expect(gaps).toMatchObject([{ fromMs: at(8), toMs: at(9), kind: 'disconnected' }]);
    expect(venue.asked).toHaveLength(1);
  });
});

describe('cancelling', () => {
  it('gives up the requests under way; their gaps stay due', async () => {
    await disconnected(4, series('AUSDT'), series('BUSDT'));
    const cancel = new AbortController();
    const { repair, venue, queue } = repairing(cancel.signal);
    venue.before = ({ symbol }, options) =>
      symbol === 'AUSDT' ? untilGivenUp(options) : undefined;
    const run = repair.run();
    await vi.waitFor(async () => expect(await openGaps(series('BUSDT'))).toEqual([]), {
      timeout: 5_000,
    });
    const reason = new Error('cancelled');
    cancel.abort(reason);
    await expect(run).rejects.toBe(reason);
    expect(queue.waits).toEqual([]);
    expect((await queue.due(10)).map(({ symbol }) => symbol)).toEqual(['AUSDT']);
  });

  it('before the start asks for nothing', async () => {
    await disconnected(4);
    const { repair, venue } = repairing(AbortSignal.abort());
    await expect(repair.run()).rejects.toThrow();
    expect(venue.asked).toEqual([]);
  });
});
