import { beforeEach, describe, expect, it, vi } from 'vitest';
import { NO_REPAIRS } from '../../domain/repair.js';
import { emptyForEach, openPostgres } from '../storage/databases.js';
import { at, numbers, SERIES } from '../storage/pages.js';
import { eventually } from '../stack/eventually.js';
import { clock, REASK_MS, REPAIR, RepairUnderTest, span } from './repair-under-test.js';
import { untilGivenUp, without } from './scripted-venue.js';

const test_ = emptyForEach(openPostgres);
let repair: RepairUnderTest;

beforeEach(() => {
  repair = new RepairUnderTest(test_.database);
});

describe('gaps that are due', () => {
  it('are asked for, stored and closed, and the run that did it is recorded', async () => {
    await repair.disconnected(9);
    const sweeps = vi.spyOn(repair.queue, 'typeOutages');
    const counts = { requests: 1, candles: 8, gaps: 1 };
    expect(await repair.attempt().run()).toEqual({ ...counts, waiting: 0 });
    const stored = await repair.stored();
    expect(stored.rowsMs).toEqual(numbers(0, 9).map((i) => at(i)));
    expect(stored.gaps).toMatchObject([{ kind: 'disconnected', open: false }]);
    expect(repair.progress.at(-1)).toEqual(counts);
    const { rows } = await test_.database.query(
      `select source, workflow_id, run_id from "fetch" where source <> 'ws'`,
    );
    const { source, workflowId, runId } = REPAIR;
    expect(rows).toEqual([{ source, workflow_id: workflowId, run_id: runId }]);
    // an answer without a hole is no reason to look for an outage
    expect(sweeps).not.toHaveBeenCalled();
  });

  it('are counted on from what an earlier attempt has done', async () => {
    await repair.disconnected(3);
    const before = { requests: 10, candles: 100, gaps: 5 };
    const counts = { requests: 11, candles: 102, gaps: 6 };
    expect(await repair.attempt(undefined, before).run()).toEqual({ ...counts, waiting: 0 });
  });

  it('cost nothing when there are none', async () => {
    expect(await repair.attempt().run()).toEqual({ ...NO_REPAIRS, waiting: 0 });
    expect(repair.asked).toEqual([]);
  });

  it('are measured by how long they were open to which candles came', async () => {
    await repair.failed([10, 12], [15, 16]);
    repair.venue.rows = (rows) => without(rows, (timeMs) => timeMs === at(15));
    await repair.attempt().run();
    const text = await repair.registry.metrics();
    expect(text).toContain(`m1_repair_time_seconds_sum{kind="failed"} ${REASK_MS[0] / 1000}`);
    expect(text).toContain('m1_repair_time_seconds_count{kind="failed"} 1');
    expect(text).toMatch(/m1_repair_requests_total 1\n/);
    expect(text).toMatch(/m1_repair_gaps_total 2\n/);
    expect(text).toMatch(/m1_repair_candles_total 5\n/);
  });
});

describe('pages', () => {
  it('hold neighbours and a candle on either side, of which the gaps alone are stored', async () => {
    await repair.failed([10, 12], [20, 30], [2_000, 2_001]);
    const counts = { requests: 2, candles: 21, gaps: 3 };
    expect(await repair.attempt().run()).toEqual({ ...counts, waiting: 0 });
    expect(repair.asked).toEqual([span(9, 31), span(1_999, 2_002)]);
    expect((await repair.stored()).covered).toEqual([span(10, 30), span(2_000, 2_001)]);
  });

  it('hold no more than the venue gives at once', async () => {
    await repair.failed([0, 998], [2_000, 2_999], [3_500, 4_500]);
    await repair.attempt().run();
    expect(repair.asked).toEqual([span(-1, 999), span(1_999, 2_999), span(3_500, 4_500)]);
  });

  it('are few: 3,500 neighbours of a series share seven', async () => {
    repair.venue.nowMs = at(10_000);
    await repair.failed(...numbers(0, 3_500).map((i) => [2 * i, 2 * i + 1] as const));
    expect(await repair.attempt().run()).toMatchObject({ requests: 7, gaps: 3_500, waiting: 0 });
    expect(repair.asked).toHaveLength(7);
    expect(await repair.openGaps()).toEqual([]);
  });

  it('are asked for 32 at once', async () => {
    await repair.disconnected(4, ...numbers(0, 100).map((i) => `S${i}USDT`));
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    repair.venue.before = () => answered;
    const run = repair.attempt().run();
    await eventually(() => expect(repair.venue.underWay).toBe(32));
    answer();
    expect(await run).toEqual({ requests: 100, candles: 300, gaps: 100, waiting: 0 });
    expect(repair.venue.mostUnderWay).toBe(32);
  });
});

describe('gaps that are not due yet', () => {
  it('are waited for up to 15 s; when the next of the others is due is told', async () => {
    await repair.disconnected(4, 'AUSDT', 'BUSDT', 'CUSDT', 'DUSDT');
    const putOff = (symbol: string, ms: number) =>
      repair.queue.putOff({ symbol, timeframe: '5m' }, span(0, 9), clock.nowMs + ms);
    await putOff('BUSDT', 15_000);
    await putOff('CUSDT', 30_001);
    await putOff('DUSDT', 40_000);
    const counts = { requests: 2, candles: 6, gaps: 2 };
    expect(await repair.attempt().run()).toEqual({ ...counts, waiting: 2, dueInMs: 15_001 });
    expect(repair.venue.order).toEqual(['AUSDT 5m', 'BUSDT 5m']);
    expect(clock.slept).toEqual([15_000]);
  });

  it('are not overlooked when they come just as the repair is about to end', async () => {
    const nextDueMs = repair.queue.nextDueMs.bind(repair.queue);
    const answers = vi.spyOn(repair.queue, 'nextDueMs').mockImplementationOnce(async () => {
      const none = await nextDueMs();
      await repair.disconnected(4);
      return none;
    });
    expect(await repair.attempt().run()).toMatchObject({ requests: 1, candles: 3, waiting: 0 });
    expect(answers).toHaveBeenCalled();
  });
});

describe('cancelling', () => {
  it('gives up the requests under way; their gaps stay due', async () => {
    await repair.disconnected(4, 'AUSDT', 'BUSDT');
    const cancel = new AbortController();
    repair.venue.before = ({ symbol }, options) =>
      symbol === 'AUSDT' ? untilGivenUp(options) : undefined;
    const run = repair.attempt(cancel.signal).run();
    const mended = async () => expect(await repair.openGaps('BUSDT')).toEqual([]);
    await eventually(mended);
    const reason = new Error('cancelled');
    cancel.abort(reason);
    await expect(run).rejects.toBe(reason);
    expect(repair.queue.putOffMs).toEqual([]);
    expect((await repair.queue.due(10)).map(({ symbol }) => symbol)).toEqual(['AUSDT']);
  });

  it('ends a sleep', async () => {
    await repair.disconnected(4);
    await repair.queue.putOff(SERIES, span(0, 9), clock.nowMs + 3_000);
    clock.stopped = true;
    const cancel = new AbortController();
    const run = repair.attempt(cancel.signal).run();
    await eventually(() => expect(clock.slept).toEqual([3_000]));
    cancel.abort(new Error('cancelled'));
    await expect(run).rejects.toThrow('cancelled');
    expect(repair.asked).toEqual([]);
    expect(await repair.queue.waiting()).toBe(1);
  });

  it('before the start asks for nothing', async () => {
    await repair.disconnected(4);
    await expect(repair.attempt(AbortSignal.abort()).run()).rejects.toThrow();
    expect(repair.asked).toEqual([]);
  });
});
