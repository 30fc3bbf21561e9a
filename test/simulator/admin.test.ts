import { afterEach, describe, expect, it } from 'vitest';
import type { FaultRule } from '../../simulator/fault-rule.js';
import { ask, DAY, get, kline, NOW, post, start, stopAll } from './support.js';

afterEach(stopAll);

describe('admin', () => {
  it('changes symbols and tells the truth to other processes', async () => {
    const simulator = await start();
    const from = new Date(NOW - DAY).toISOString();
    const body = { symbol: 'ETHUSDT', holes: [{ from, to: NOW }], delisted: null };
    expect((await post(simulator, '/admin/symbols', body)).status).toBe(200);
    const query = {
      symbol: 'ETHUSDT',
      timeframe: '5m',
      from: NOW - 2 * DAY,
      to: NOW - DAY + 600_000,
    };
    const response = await get(simulator, '/admin/truth', query);
    const { candles } = (await response.json()) as { candles: string[][] };
    expect(candles).toEqual(simulator.truth.candles('ETHUSDT', '5m', query.from, query.to));
    expect(Number(candles.at(-1)?.[0])).toBeLessThan(NOW - DAY);
    await post(simulator, '/admin/reset', { what: ['symbols'] });
    expect(simulator.truth.candles('ETHUSDT', '5m', NOW - DAY, NOW).length).toBe(288);
  });

  it('changes quirks and resets faults, statistics and bans', async () => {
    const simulator = await start({ limit: 2, wallClock: () => 0 });
    await post(simulator, '/admin/quirks', { retMsg: 'success' });
    expect((await ask(simulator, '/v5/market/time')).retMsg).toBe('success');
    simulator.faults.add({ effect: { kind: 'emptyObject' } });
    for (let n = 0; n < 3; n++) await get(simulator, '/v5/market/time');
    expect((await get(simulator, '/v5/market/time')).status).toBe(403);
    await post(simulator, '/admin/reset', {});
    expect((await ask(simulator, '/v5/market/time')).time).toBe(NOW);
    expect(simulator.stats.snapshot()).toMatchObject({ requests: 1, refusals: 0, faults: 0 });
  });

  it.each([
    ['/admin/symbols', { symbol: 'ETHUSDT', listed: 'soon' }, 'symbol.listed'],
    ['/admin/symbols', { holes: [] }, 'symbol.symbol is missing'],
    [
      '/admin/symbols',
      { symbol: 'ETHUSDT', holes: [{ from: 1 }] },
      'symbol.holes[0].to is missing',
    ],
    ['/admin/quirks', { colour: 'red' }, "no quirk 'colour'"],
    ['/admin/reset', { what: ['everything'] }, 'reset.what'],
    ['/admin/clock', { speed: -1 }, 'speed'],
  ])('%s refuses %j', async (path, body, reason) => {
    const response = await post(await start(), path, body);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toContain(reason);
  });
});

describe('admin endpoint of faults', () => {
  it('adds, lists and removes', async () => {
    const simulator = await start();
    const rule: FaultRule = {
      match: { endpoint: 'kline', symbol: 'BTCUSDT' },
      times: 3,
      effect: {
        kind: 'retCode',
        retCode: 10016,
        retMsg: 'Request timeout, please try again later',
      },
    };
    const added = await post(simulator, '/admin/faults', rule);
    expect(await added.json()).toEqual({ id: 1 });
    expect(await kline(simulator)).toMatchObject({
      retCode: 10016,
      retMsg: 'Request timeout, please try again later',
    });
    const listed = await get(simulator, '/admin/faults');
    expect(await listed.json()).toEqual({ faults: [{ id: 1, rule, matched: 1, hits: 1 }] });
    await get(simulator, '/admin/faults', { id: 1 }, { method: 'DELETE' });
    expect((await kline(simulator)).retCode).toBe(0);
    const again = await get(simulator, '/admin/faults', { id: 1 }, { method: 'DELETE' });
    expect(again.status).toBe(400);
  });

  it.each([
    [{}, 'fault.effect is missing'],
    [{ effect: { kind: 'fire' } }, 'fault.effect.kind: one of'],
    [{ effect: { kind: 'retCode' } }, 'fault.effect.retCode is missing'],
    [{ effect: { kind: 'hang' }, times: 'two' }, 'fault.times: a number expected'],
    [{ effect: { kind: 'hang' }, tims: 2 }, "fault: there is no field 'tims'"],
    [{ effect: { kind: 'hang' }, match: { endpoint: 'klines' } }, 'fault.match.endpoint: one of'],
    [[], 'fault: an object expected'],
  ])('refuses %j', async (rule, reason) => {
    const response = await post(await start(), '/admin/faults', rule);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toContain(reason);
  });
});
