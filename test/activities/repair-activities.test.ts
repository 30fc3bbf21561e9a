import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { beforeEach, describe, expect, it } from 'vitest';
import { createRepairActivities } from '../../activities/repair/repair-activities.js';
import type { RepairActivities } from '../../activities/repair/types.js';
import { NO_REPAIRS } from '../../domain/repair.js';
import type { RowScan } from '../../domain/stores.js';
import { SqlRowScan } from '../../storage/gap-scan.js';
import { SqlSourceStore } from '../../storage/source-store.js';
import { emptyForEach, openPostgres } from '../storage/databases.js';
import { at, numbers, pageOf } from '../storage/pages.js';
import { clock, fiveMinutes, REASK_MS, RepairUnderTest } from './repair-under-test.js';

/** A refused activity is not worth a warning. */
const logger = new DefaultLogger('ERROR');
const SO_FAR = { requests: 10, candles: 100, gaps: 5 };

const test_ = emptyForEach(openPostgres);
let repair: RepairUnderTest;
let activities: RepairActivities;
/** Workflows that were signalled, or started for it. */
let woken: string[];

beforeEach(async () => {
  const { database } = test_;
  await database.query('truncate row_scan');
  repair = new RepairUnderTest(database);
  woken = [];
  activities = activitiesWith(new SqlRowScan(database, () => clock.nowMs));
});

function activitiesWith(rows: RowScan): RepairActivities {
  const { venue, store, symbols, queue, metrics } = repair;
  return createRepairActivities({
    ...{ venue, candles: store, symbols, gaps: queue, rows, metrics, reaskMs: REASK_MS },
    source: new SqlSourceStore(test_.database),
    sourceLabel: 'simulated',
    nowMs: () => clock.nowMs,
  });
}

/** An attempt at an activity. */
function attempt(heartbeatDetails?: object) {
  const workflow = {
    signalWithStart: (_: string, { workflowId }: { readonly workflowId: string }) => {
      woken.push(workflowId);
      return Promise.resolve();
    },
  };
  const withAbortSignal = (_: AbortSignal, work: () => Promise<unknown>) => work();
  const client = { workflow, withAbortSignal } as unknown as Client;
  const environment = new MockActivityEnvironment({ heartbeatDetails }, { client, logger });
  const beats: unknown[] = [];
  environment.on('heartbeat', (details) => beats.push(details));
  return { environment, beats };
}

/** Ten candles of each, of which the first three were deleted by hand. */
async function deletedByHand(...names: string[]): Promise<void> {
  for (const series of names.map(fiveMinutes)) {
    await repair.store.storePage(pageOf(0, 10, numbers(0, 10), { series }));
  }
  await test_.database.query('delete from ohlcv where "timestamp" < $1::timestamptz', [
    new Date(at(3)).toISOString(),
  ]);
}

describe('repairDue', () => {
  it('finds rows that were deleted by hand, and brings them back', async () => {
    await deletedByHand('BTCUSDT');
    const { environment } = attempt();
    const counts = { requests: 1, candles: 3, gaps: 1 };
    expect(await environment.run(() => activities.repairDue())).toEqual({
      ...{ source: 'simulated', ...counts, waiting: 0 },
    });
    expect((await repair.stored()).rowsMs).toEqual(numbers(0, 10).map((i) => at(i)));
    expect(await repair.registry.metrics()).toMatch(/m1_repair_drifted_candles_total 3\n/);
    // the next one does not look again
    await test_.database.query('delete from ohlcv');
    expect(await environment.run(() => activities.repairDue())).toMatchObject({
      ...NO_REPAIRS,
      waiting: 0,
    });
  });

  it('goes on from what the attempt before it had done, a scan between them included', async () => {
    await repair.disconnected(4);
    const { environment, beats } = attempt(SO_FAR);
    const counts = { requests: 11, candles: 103, gaps: 6 };
    expect(await environment.run(() => activities.repairDue())).toMatchObject({
      ...{ ...counts, waiting: 0 },
    });
    expect(beats).toContainEqual(SO_FAR);
    expect(beats).not.toContainEqual(undefined);
    expect(beats.at(-1)).toMatchObject(counts);
  });

  it('lets no gap wait for a long scan: known ones go first, new ones between its parts', async () => {
    await repair.disconnected(4);
    const askedFor: number[] = [];
    const rows: RowScan = {
      isDue: () => Promise.resolve(true),
      scan: async (_, { afterPart }) => {
        askedFor.push(repair.asked.length);
        await repair.disconnected(4, 'ETHUSDT');
        await afterPart?.();
        askedFor.push(repair.asked.length);
        return { series: 2, drifted: 0, candles: 0 };
      },
    };
    const { environment } = attempt();
    const counts = { requests: 2, candles: 6, gaps: 2 };
    const run = await environment.run(() => activitiesWith(rows).repairDue());
    expect(run).toMatchObject({ ...counts, waiting: 0 });
    expect(askedFor).toEqual([1, 2]);
  });

  it('asks nothing for the database of another venue', async () => {
    await repair.disconnected(4);
    await new SqlSourceStore(test_.database).claim('bybit');
    const { environment } = attempt();
    await expect(environment.run(() => activities.repairDue())).rejects.toMatchObject({
      ...{ type: 'WrongUse', nonRetryable: true },
      message: expect.stringContaining('holds data of "bybit"') as string,
    });
    expect(repair.asked).toEqual([]);
  });
});

it('wakeRepair wakes it for gaps that are due or will be, and for nothing else', async () => {
  const { environment } = attempt();
  expect(await environment.run(() => activities.wakeRepair())).toBe(false);
  expect(woken).toEqual([]);
  await repair.disconnected(4);
  await repair.queue.putOff(fiveMinutes('BTCUSDT'), { fromMs: at(0), toMs: at(9) }, at(9_000));
  expect(await environment.run(() => activities.wakeRepair())).toBe(true);
  expect(woken).toEqual(['repair/bybit']);
});
