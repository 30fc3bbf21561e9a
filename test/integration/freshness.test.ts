import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readStreamClaim } from '../../activities/freshness/stream-claim.js';
import { FRESHNESS_SCHEDULE_ID, type AlertState } from '../../domain/freshness.js';
import { useOwnTemporal } from '../servers/own-temporal.js';
import { until } from '../stack/until.js';
import { startCollector, type Collector } from './collector.js';
import { startStream, stopStream, untilLive } from './streaming.js';
import { startSync, syncedAfter } from './syncing.js';
import { LocalWebhook } from './webhook.js';

const ownNamespace = useOwnTemporal();

const NOW = Date.parse('2026-11-20T10:03:20Z');
const MINUTE = 60_000;
const NAMED = ['--symbol', 'BTCUSDT', '--symbol', 'ETHUSDT'];

let collector: Collector;
let webhook: LocalWebhook;
let connection: Connection;
let client: Client;

beforeEach(async () => {
  webhook = new LocalWebhook();
  collector = await startCollector({
    temporal: await ownNamespace(),
    simulator: { now: NOW, speed: 0, pairs: 10 },
    env: { ALERT_WEBHOOK_URL: await webhook.start() },
  });
  connection = await Connection.connect({ address: collector.env['TEMPORAL_ADDRESS'] ?? '' });
  client = new Client({ connection, namespace: collector.env['TEMPORAL_NAMESPACE'] ?? '' });
});
afterEach(async () => {
  await connection.close();
  await collector.close();
  await webhook.stop();
});

/** Runs the check once, in the place of its next minute. */
async function check(): Promise<AlertState> {
  const handle = client.schedule.getHandle(FRESHNESS_SCHEDULE_ID);
  const runs = async () => (await handle.describe()).info.recentActions;
  const before = (await runs()).length;
  await handle.trigger('BUFFER_ONE');
  const { action } = await until('a check', async () => {
    const found = await runs();
    return found.length > before ? found.at(-1) : undefined;
  });
  const { workflowId, firstExecutionRunId } = action.workflow;
  const run = client.workflow.getHandle(workflowId, firstExecutionRunId);
  return (await client.withDeadline(Date.now() + 90_000, () => run.result())) as AlertState;
}

/** The pairs have been followed for a day, and nothing reads what is new. */
async function followedForLong(): Promise<void> {
  const from = new Date(NOW - 86_400_000).toISOString();
  const { code, stderr } = await collector.m1(['backfill', ...NAMED, '--from', from, '--json']);
  expect(code, stderr).toBe(0);
  await startSync(collector, NAMED);
  await syncedAfter(collector);
  await collector.m1(['sync', 'pause']);
  await collector.sql.query(`update followed set since = now() - interval '1 day'`);
}

function advance(ms: number): void {
  collector.simulator.control.setClock({ nowMs: collector.simulator.nowMs() + ms });
}

describe('freshness', () => {
  it('tells once that series fall behind, once that they are back, and waits for its webhook', async () => {
    await collector.startWorker();
    await followedForLong();
    expect(await check()).toMatchObject({ open: [], unsent: [] });
    advance(8 * MINUTE);
    // one sync that was lost is no alert
    expect(await check()).toMatchObject({ open: [] });
    advance(13 * MINUTE);
    const behind = ['BTCUSDT 5m', 'ETHUSDT 5m'];
    webhook.status = 500;
    const first = await check();
    expect([...first.open].sort()).toEqual(behind);
    expect(first.unsent).toHaveLength(1);
    expect(webhook.refused).toBe(3);
    webhook.status = 200;
    const second = await check();
    expect(second).toMatchObject({ open: first.open, unsent: [] });
    expect(await check()).toMatchObject({ open: first.open });
    expect(webhook.received).toEqual([
      expect.objectContaining({ source: 'simulated', status: 'raised', count: 2 }),
    ]);
    expect(webhook.received[0]?.problems.map(({ key }) => key).sort()).toEqual(behind);
    expect(webhook.received[0]?.text).toContain('BTCUSDT 5m ends at 2026-11-20T10:00:00.000Z');

    await collector.m1(['sync', 'resume']);
    await collector.m1(['sync', 'trigger']);
    await until('what was missing', async () => {
      const { rows } = await collector.sql.query(
        `select from coverage where timeframe = '5m' and upper(covered) = '2026-11-20T10:20Z'`,
      );
      return rows.length === 2 ? true : undefined;
    });
    expect(await check()).toMatchObject({ open: [] });
    expect(await check()).toMatchObject({ open: [] });
    expect(webhook.received.map(({ status }) => status)).toEqual(['raised', 'recovered']);
  });

  it('says so when the venue cannot be asked, and keeps what is open', async () => {
    await collector.startWorker();
    await followedForLong();
    advance(21 * MINUTE);
    expect((await check()).open).toHaveLength(2);
    collector.simulator.faults.add({
      match: { endpoint: 'time' },
      effect: { kind: 'status', status: 500 },
    });
    const blind = await check();
    expect(blind.open).toContain('check');
    expect(blind.open).toHaveLength(3);
    collector.simulator.faults.clear();
    expect((await check()).open).toHaveLength(2);
    expect(webhook.received.map(({ status }) => status)).toEqual(['raised', 'raised', 'recovered']);
  });

  it('hears what a running stream says of itself', async () => {
    await collector.startWorker();
    expect(await readStreamClaim(client)).toBeUndefined();
    await startStream(collector, NAMED);
    await untilLive(collector);
    await until('a live stream', async () =>
      (await readStreamClaim(client))?.state === 'live' ? true : undefined,
    );
    await stopStream(collector);
    expect(await readStreamClaim(client)).toBeUndefined();
  });
});
