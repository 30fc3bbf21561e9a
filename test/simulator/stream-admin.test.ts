import { afterEach, describe, expect, it } from 'vitest';
import type { StreamSnapshot, RequestRecord } from '../../simulator/stream-stats.js';
import type { Simulator } from '../../simulator/simulator.js';
import { connect, disconnectAll } from './stream-client.js';
import { get, post, start, stopAll } from './support.js';

afterEach(async () => {
  disconnectAll();
  await stopAll();
});

async function stats(simulator: Simulator): Promise<StreamSnapshot & { log: RequestRecord[] }> {
  const response = await get(simulator, '/admin/stream/stats', { requests: 1 });
  return (await response.json()) as StreamSnapshot & { log: RequestRecord[] };
}

async function steer(simulator: Simulator, path: string, body: unknown): Promise<unknown> {
  const response = await post(simulator, `/admin/stream/${path}`, body);
  expect(response.status).toBe(200);
  return response.json();
}

describe('admin endpoints of the stream', () => {
  it('tell what was connected, asked and sent', async () => {
    const simulator = await start();
    const stream = await connect(simulator);
    await stream.ask({ op: 'subscribe', args: ['tickers.BTCUSDT'], req_id: '1' });
    await stream.next(({ topic }) => topic === 'tickers.BTCUSDT');
    await stream.subscribe('tickers.NOPEUSDT');
    await stream.ask({ op: 'ping' });
    const [id] = simulator.stream.control.connections();
    const seen = await stats(simulator);
    expect(seen).toMatchObject({
      connections: { now: 1, ever: 1, list: [{ id, index: 0 }] },
      attempts: [{ accepted: true }],
      requests: 2,
      acks: 1,
      refusals: 1,
      frames: { ack: 2, pong: 1, ticker: 1, kline: 0, closing: 0, malformed: 0 },
      pings: { op: 1, protocol: 0 },
      slowConsumers: 0,
      skippedCandles: 0,
    });
    expect(seen.log).toMatchObject([
      { connection: id, op: 'subscribe', args: ['tickers.BTCUSDT'], reqId: '1', success: true },
      { args: ['tickers.NOPEUSDT'], success: false, retMsg: 'Invalid symbol :[tickers.NOPEUSDT]' },
    ]);
    expect(await steer(simulator, 'drop', {})).toEqual({ dropped: 1 });
    await stream.closed();
    const again = await connect(simulator);
    await again.ask({ op: 'ping' });
    const { list } = (await stats(simulator)).connections;
    expect(list[0]?.closeCode).toBe(1006);
    expect(list[1]?.openedAtMs).toBeGreaterThan(list[0]?.closedAtMs as number);
    await post(simulator, '/admin/reset', { what: ['stats'] });
    expect(await stats(simulator)).toMatchObject({
      connections: { now: 1, ever: 1, list: [{ index: 0 }] },
      attempts: [],
      requests: 0,
      log: [],
    });
  });

  it('add, list and remove faults', async () => {
    const simulator = await start();
    const rule = {
      match: { frames: 'closing', symbol: 'BTCUSDT' },
      times: 2,
      effect: { kind: 'malformed', form: 'truncated', instead: true },
    };
    expect(await steer(simulator, 'faults', rule)).toEqual({ id: 1 });
    const listed = await get(simulator, '/admin/stream/faults');
    expect(await listed.json()).toEqual({ faults: [{ id: 1, rule, matched: 0, hits: 0 }] });
    const remove = () => get(simulator, '/admin/stream/faults', { id: 1 }, { method: 'DELETE' });
    expect((await remove()).status).toBe(200);
    expect((await remove()).status).toBe(400);
  });

  it('refuse and silence new connections, and accept them again', async () => {
    const simulator = await start();
    await steer(simulator, 'refuse', { forMs: 60_000, form: 'destroy' });
    expect((await connect(simulator)).closeCode).toBe(1006);
    await steer(simulator, 'accept', {});
    await steer(simulator, 'silence-new', {});
    const silent = await connect(simulator);
    silent.send({ op: 'ping' });
    await post(simulator, '/admin/reset', {});
    const stream = await connect(simulator);
    await stream.ask({ op: 'ping' });
    expect(silent.messages).toEqual([]);
    expect(await steer(simulator, 'silence', { connection: 1 })).toEqual({ silenced: 1 });
  });

  it.each([
    ['faults', {}, 'fault.effect is missing'],
    ['faults', { effect: { kind: 'delay' } }, 'fault.effect.delayMs is missing'],
    ['faults', { effect: { kind: 'malformed', form: 'odd' } }, 'fault.effect.form: one of'],
    ['faults', { effect: { kind: 'malformed', form: 'html', instead: 1 } }, 'a boolean expected'],
    ['faults', { effect: { kind: 'withhold' }, match: { frames: 'all' } }, 'fault.match.frames'],
    ['faults', { effect: { kind: 'withhold' }, match: { pair: 'X' } }, "no field 'pair'"],
    ['drop', { connection: 3 }, 'no open connection 3'],
    ['drop', { connection: {} }, 'connection: a conn_id or a place expected'],
    ['refuse', { form: 'rudely' }, 'refuse.form: one of'],
    ['silence-new', { forMs: 'long' }, 'silence-new.forMs: a number expected'],
  ])('%s refuses %j', async (path, body, reason) => {
    const response = await post(await start(), `/admin/stream/${path}`, body);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toContain(reason);
  });
});
