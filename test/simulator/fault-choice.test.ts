import { afterEach, describe, expect, it } from 'vitest';
import type { Simulator } from '../../simulator/simulator.js';
import { A, ask, kline, start, stopAll, WINDOW, withFault } from './support.js';

afterEach(stopAll);

describe('chooses its requests', () => {
  const effect = { kind: 'retCode', retCode: 10016 } as const;

  async function codes(simulator: Simulator, count: number): Promise<number[]> {
    const found: number[] = [];
    for (let n = 0; n < count; n++) found.push((await kline(simulator, WINDOW)).retCode);
    return found;
  }

  it('by endpoint, symbol, interval and start', async () => {
    const simulator = await withFault({
      match: {
        endpoint: 'kline',
        symbol: 'ETHUSDT',
        interval: '60',
        startFromMs: A,
        startToMs: A + 1,
      },
      effect,
    });
    const hit = { symbol: 'ETHUSDT', interval: '60', start: A };
    expect((await kline(simulator, hit)).retCode).toBe(10016);
    for (const miss of [
      { symbol: 'BTCUSDT' },
      { interval: '5' },
      { start: A + 1 },
      { start: A - 1 },
    ]) {
      expect((await kline(simulator, { ...hit, ...miss })).retCode).toBe(0);
    }
    const query = { category: 'spot', symbol: 'ETHUSDT', interval: '60' };
    expect((await ask(simulator, '/v5/market/kline', query)).retCode).toBe(0);
    expect((await ask(simulator, '/v5/market/tickers', { ...query, start: A })).retCode).toBe(0);
  });

  it('by number', async () => {
    const simulator = await withFault({ after: 2, times: 2, effect });
    expect(await codes(simulator, 6)).toEqual([0, 0, 10016, 10016, 0, 0]);
    expect(simulator.faults.list()).toMatchObject([{ matched: 6, hits: 2 }]);
    expect(simulator.stats.snapshot().faults).toBe(2);
  });

  it('by chance, the same with the same seed', async () => {
    const rule = { probability: 0.5, seed: 7, effect };
    const first = await codes(await withFault(rule), 30);
    expect(new Set(first).size).toBe(2);
    expect(await codes(await withFault(rule), 30)).toEqual(first);
    expect(await codes(await withFault({ ...rule, seed: 8 }), 30)).not.toEqual(first);
  });

  it('one after the other, delays on top', async () => {
    const simulator = await withFault({ times: 1, effect });
    simulator.faults.add({ effect: { kind: 'delay', delayMs: 1 } });
    simulator.faults.add({ times: 1, effect: { kind: 'retCode', retCode: 10000 } });
    expect(await codes(simulator, 3)).toEqual([10016, 10000, 0]);
    expect(simulator.stats.snapshot().faults).toBe(3);
  });
});

describe('delays', () => {
  it('hold back their own answer and no other', async () => {
    const simulator = await start();
    simulator.faults.add({ match: { symbol: 'ETHUSDT' }, effect: { kind: 'delay', delayMs: 300 } });
    const order: string[] = [];
    const note = async (symbol: string): Promise<void> => {
      await kline(simulator, { symbol, ...WINDOW });
      order.push(symbol);
    };
    await Promise.all([note('ETHUSDT'), note('BTCUSDT')]);
    expect(order).toEqual(['BTCUSDT', 'ETHUSDT']);
  });

  it('apply to every answer with the option latencyMs', async () => {
    const slow = await start({ latencyMs: 200, jitterMs: 5 });
    const before = performance.now();
    await Promise.all([kline(slow), kline(slow), ask(slow, '/v5/market/time')]);
    expect(performance.now() - before).toBeGreaterThanOrEqual(198);
  });
});
