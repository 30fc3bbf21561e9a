import { beforeEach, describe, expect, it } from 'vitest';
import { emptyForEach, openPostgres } from '../storage/databases.js';
import { at, numbers, ORIGIN, pageOf } from '../storage/pages.js';
import {
  clock,
  fiveMinutes,
  REASK_MS,
  REPAIR,
  RepairUnderTest,
  span,
} from './repair-under-test.js';
import { candlesAt, without } from './scripted-venue.js';

const [REASK] = REASK_MS;

const test_ = emptyForEach(openPostgres);
let repair: RepairUnderTest;

beforeEach(() => {
  repair = new RepairUnderTest(test_.database);
});

/** The venue has no candles with these numbers. */
function lacks(...indexes: number[]): void {
  const missing = indexes.map((index) => at(index));
  repair.venue.rows = (rows) => without(rows, (timeMs) => missing.includes(timeMs));
}

describe('a hole that the venue confirms', () => {
  it('does not make the repair go round: it is unconfirmed and waits for its next turn', async () => {
    await repair.disconnected(9);
    lacks(3, 4);
    const counts = { requests: 1, candles: 6, gaps: 1 };
    expect(await repair.attempt().run()).toEqual({ ...counts, waiting: 1, dueInMs: REASK });
    expect(await repair.openGaps()).toMatchObject([
      { period: span(3, 5), kind: 'unconfirmed', asked: 1, nextAskMs: clock.nowMs + REASK },
    ]);
    await repair.stored();
  });

  it('does not, either, when the venue gives rows without prices', async () => {
    await repair.disconnected(9);
    lacks(3);
    repair.venue.skipped = () => [at(3)];
    const counts = { requests: 1, candles: 7, gaps: 1 };
    expect(await repair.attempt().run()).toEqual({ ...counts, waiting: 1, dueInMs: REASK });
    expect(await repair.openGaps()).toMatchObject([
      { period: span(3, 4), kind: 'disconnected', nextAskMs: clock.nowMs + REASK },
    ]);
    await repair.stored();
  });

  it('is proved by as many answers as are wanted, and both are kept', async () => {
    await repair.store.storePage(pageOf(0, 10, [0, 1, 3, 4, 5, 6, 7, 8, 9]));
    lacks(2);
    clock.nowMs += REASK - 60_000;
    const none = { requests: 0, candles: 0, gaps: 0 };
    expect(await repair.attempt().run()).toEqual({ ...none, waiting: 1, dueInMs: 60_000 });
    clock.nowMs += 60_000;
    expect(await repair.attempt().run()).toEqual({ ...none, requests: 1, gaps: 1, waiting: 0 });
    expect(await repair.openGaps()).toMatchObject([
      {
        kind: 'no_trades',
        answers: [
          { workflowId: ORIGIN.workflowId },
          { workflowId: REPAIR.workflowId, window: span(1, 4), rows: 2 },
        ],
      },
    ]);
  });

  it('in every series at once is typed as an outage', async () => {
    const symbols = numbers(0, 5).map((i) => `S${i}USDT`);
    for (const series of symbols.map(fiveMinutes)) {
      await repair.store.storePage(pageOf(0, 5, [0, 1, 3, 4], { series }));
    }
    lacks(2);
    clock.nowMs += REASK;
    expect(await repair.attempt().run()).toMatchObject({ requests: 5, waiting: 0 });
    expect((await repair.openGaps()).map(({ kind }) => kind)).toEqual(
      symbols.map(() => 'venue_outage'),
    );
    expect(await repair.registry.metrics()).toContain(
      'm1_repair_typed_total{kind="venue_outage"} 5',
    );
  });

  it('by an answer without any row is asked for twice, and proves nothing yet', async () => {
    await repair.failed([10, 20]);
    repair.venue.rows = () => candlesAt([]);
    const counts = { requests: 2, candles: 0, gaps: 1 };
    expect(await repair.attempt().run()).toEqual({ ...counts, waiting: 1, dueInMs: REASK });
    expect(repair.asked).toEqual([span(9, 21), span(9, 21)]);
    expect(await repair.openGaps()).toMatchObject([
      { period: span(10, 20), kind: 'unconfirmed', asked: 1 },
    ]);
  });
});

describe("a candle that is not closed by the answer's own clock", () => {
  it('is asked for again seconds later, the others of the page are stored at once', async () => {
    await repair.disconnected(9);
    const { venue } = repair;
    venue.nowMs = at(9) + 1_000;
    venue.rows = (rows) => {
      venue.nowMs = at(9) + 3_000;
      return rows;
    };
    const counts = { requests: 2, candles: 8, gaps: 2 };
    expect(await repair.attempt().run()).toEqual({ ...counts, waiting: 0 });
    expect(repair.queue.putOffMs).toEqual([3_000]);
    expect(clock.slept).toEqual([3_000]);
    expect(repair.asked).toEqual([span(0, 10), span(7, 10)]);
    await repair.stored();
  });

  it('is asked for again after half of what is left of it, 5 minutes at most', async () => {
    await repair.disconnected(9);
    repair.venue.nowMs = at(8) + 60_000;
    expect(await repair.attempt().run()).toMatchObject({ candles: 7, dueInMs: 120_000 });
    repair.venue.nowMs = at(6);
    clock.nowMs += 120_000;
    expect(await repair.attempt().run()).toMatchObject({ candles: 0, dueInMs: 300_000 });
  });
});
