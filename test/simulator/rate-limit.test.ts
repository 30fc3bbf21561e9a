import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { SlidingWindow } from '../../simulator/sliding-window.js';
import { get, start, stopAll } from './support.js';

const TIME = '/v5/market/time';

afterEach(stopAll);

describe('rate limit', () => {
  it('is 600 requests in any 5 s by default and bans for 10 minutes', async () => {
    let clock = 0;
    const simulator = await start({ limit: 600, wallClock: () => clock });
    for (let n = 0; n < 600; n++) expect((await get(simulator, TIME)).status).toBe(200);
    clock = 4999;
    const refused = await get(simulator, TIME);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('access too frequent');
    clock = 4999 + 599_999;
    expect((await get(simulator, TIME)).status).toBe(403);
    clock = 4999 + 600_000;
    expect((await get(simulator, TIME)).status).toBe(200);
    expect(simulator.stats.snapshot()).toMatchObject({ requests: 603, refusals: 2, mostIn5s: 601 });
  });

  it('slides: what a fixed window would let through is a breach', async () => {
    let clock = 4000;
    const simulator = await start({ limit: 10, wallClock: () => clock });
    for (let n = 0; n < 10; n++) expect((await get(simulator, TIME)).status).toBe(200);
    clock = 8999;
    expect((await get(simulator, TIME)).status).toBe(403);
  });

  it('forgets a request after exactly 5 s', async () => {
    let clock = 4000;
    const simulator = await start({ limit: 10, wallClock: () => clock });
    for (let n = 0; n < 10; n++) await get(simulator, TIME);
    clock = 9000;
    const response = await get(simulator, TIME);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-bapi-limit')).toBe('10');
    expect(response.headers.get('x-bapi-limit-status')).toBe('9');
  });

  it('counts every endpoint and every answer, wrong routes too, but not admin requests', async () => {
    const simulator = await start({ limit: 4, wallClock: () => 0 });
    await get(simulator, '/v5/market/kline', { symbol: 'NOPEUSDT', category: 'spot' });
    await get(simulator, '/v5/market/tickers', { category: 'spot' });
    await get(simulator, '/v5/nowhere');
    await get(simulator, '/admin/stats');
    expect((await get(simulator, TIME)).status).toBe(200);
    expect((await get(simulator, TIME)).status).toBe(403);
    expect(simulator.stats.snapshot().byEndpoint).toEqual({
      '/v5/market/kline': 1,
      '/v5/market/tickers': 1,
      '(unknown route)': 1,
      '/v5/market/time': 2,
    });
  });

  it('can be set, lifted and switched off', async () => {
    const simulator = await start({ limit: 1, banMs: 50, wallClock: () => 0 });
    await get(simulator, TIME);
    expect((await get(simulator, TIME)).status).toBe(403);
    simulator.control.reset(['limit']);
    expect((await get(simulator, TIME)).status).toBe(200);
    const free = await start({ limit: 0, wallClock: () => 0 });
    const all = await Promise.all(Array.from({ length: 700 }, () => get(free, TIME)));
    expect(all.every(({ status }) => status === 200)).toBe(true);
    expect(free.stats.snapshot().mostIn5s).toBe(700);
  });

  it('answers the ban as JSON when told so', async () => {
    const quirks = { banBody: 'json' } as const;
    const simulator = await start({ limit: 1, wallClock: () => 0, quirks });
    await get(simulator, TIME);
    const refused = await get(simulator, TIME);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ retCode: 403, retMsg: 'access too frequent' });
  });
});

describe('SlidingWindow', () => {
  it('agrees with counting by hand', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(gaps, (steps) => {
        const window = new SlidingWindow(100);
        const seen: number[] = [];
        let now = 0;
        for (const step of steps) {
          now += step;
          seen.push(now);
          expect(window.add(now)).toBe(seen.filter((time) => time > now - 100).length);
        }
      }),
    );
  });

  it('counts on after throwing old events away', () => {
    const window = new SlidingWindow(10);
    let count = 0;
    for (let now = 0; now < 20_000; now++) count = window.add(now);
    expect(count).toBe(10);
  });
});
