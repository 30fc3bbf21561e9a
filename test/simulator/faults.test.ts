import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { ContentFault } from '../../simulator/fault-rule.js';
import type { Simulator } from '../../simulator/simulator.js';
import {
  A,
  ask,
  FIVE_MINUTES,
  get,
  kline,
  NOW,
  start,
  stopAll,
  times,
  WINDOW,
  withFault,
} from './support.js';

afterEach(stopAll);

const klineOf = (simulator: Simulator): Promise<Response> =>
  get(simulator, '/v5/market/kline', {
    category: 'spot',
    symbol: 'BTCUSDT',
    interval: '5',
    ...WINDOW,
  });

/** The spoiled list beside the good one. */
async function spoiled(
  kind: ContentFault,
  rows?: number,
): Promise<{ bad: unknown[][]; good: string[][] }> {
  const simulator = await withFault({
    effect: { kind, ...(rows === undefined ? {} : { rows }) },
    times: 1,
  });
  const bad = (await kline(simulator, WINDOW)).result?.list as unknown[][];
  const good = (await kline(simulator, WINDOW)).result?.list ?? [];
  expect(good).toHaveLength(10);
  expect(bad).not.toEqual(good);
  return { bad, good };
}

describe('answers with an error', () => {
  it.each([
    [10006, 'Too many visits!'],
    [10016, 'System error. Please try again later.'],
    [10000, 'Server Timeout'],
    [10002, 'The request time exceeds the time window range'],
    [10001, 'Request parameter error'],
    [429, 'The trading service is experiencing a high server load'],
  ])('retCode %d in an HTTP 200', async (retCode, retMsg) => {
    const simulator = await withFault({ effect: { kind: 'retCode', retCode } });
    const response = await klineOf(simulator);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      retCode,
      retMsg,
      result: {},
      retExtInfo: {},
      time: NOW,
    });
  });

  it('tells when the limit resets with a 10006, even without rate headers', async () => {
    const simulator = await start({ quirks: { rateHeaders: false } });
    expect((await klineOf(simulator)).headers.get('x-bapi-limit')).toBeNull();
    simulator.faults.add({ effect: { kind: 'retCode', retCode: 10006, resetAfterMs: 700 } });
    const { headers } = await klineOf(simulator);
    expect(headers.get('x-bapi-limit-reset-timestamp')).toBe(String(NOW + 700));
    expect(headers.get('x-bapi-limit-status')).toBe('0');
  });

  it.each([
    [403, 'ban', 'access too frequent'],
    [403, 'region', 'CloudFront'],
    [429, 'html', '429'],
    [500, 'html', '500'],
    [502, 'html', '502'],
    [504, 'html', '504'],
  ] as const)('HTTP %d with the body %s', async (status, body, text) => {
    const response = await klineOf(await withFault({ effect: { kind: 'status', status, body } }));
    expect(response.status).toBe(status);
    const answer = await response.text();
    expect(answer).toContain(text);
    expect(answer.includes('access too frequent')).toBe(body === 'ban');
  });
});

describe('breaks the connection', () => {
  it('by a reset', async () => {
    await expect(klineOf(await withFault({ effect: { kind: 'reset' } }))).rejects.toThrow();
  });

  it('by never answering', async () => {
    const simulator = await withFault({ effect: { kind: 'hang' }, times: 1 });
    const abort = new AbortController();
    let answered = false;
    const hanging = fetch(`${simulator.url}/v5/market/time`, { signal: abort.signal }).then(
      () => (answered = true),
      () => undefined,
    );
    while (simulator.stats.snapshot().faults === 0) await ask(simulator, '/v5/market/time');
    for (let n = 0; n < 5; n++) expect((await klineOf(simulator)).status).toBe(200);
    expect(answered).toBe(false);
    abort.abort();
    await hanging;
  });

  it('in the middle of the body', async () => {
    const simulator = await withFault({ effect: { kind: 'hangMidBody' } });
    const request = httpGet(`${simulator.url}/v5/market/tickers?category=spot`);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const [part] = (await once(response, 'data')) as [Buffer];
    expect(part.length).toBeGreaterThan(0);
    expect(part.length).toBeLessThan(Number(response.headers['content-length']));
    const cut = once(response, 'error');
    await simulator.close();
    expect(await cut).toMatchObject([{ code: 'ECONNRESET' }]);
    expect(response.complete).toBe(false);
  });
});

describe('spoils the body of a 200', () => {
  it.each([
    ['html200', /^<html>/],
    ['truncated', /^\{"retCode":0/],
    ['emptyBody', /^$/],
    ['emptyObject', /^\{\}$/],
  ] as const)('%s', async (kind, text) => {
    const response = await klineOf(await withFault({ effect: { kind } }));
    expect(response.status).toBe(200);
    const body = await response.text();
    expect(body).toMatch(text);
    if (kind !== 'emptyObject') expect(() => JSON.parse(body) as unknown).toThrow();
  });
});

describe('spoils the content', () => {
  it('result null, list null, list empty', async () => {
    const ofKind = async (kind: ContentFault): Promise<unknown> => {
      const { result } = await kline(await withFault({ effect: { kind } }), WINDOW);
      return result === null ? null : { list: result.list };
    };
    expect(await ofKind('resultNull')).toBeNull();
    expect(await ofKind('listNull')).toEqual({ list: null });
    expect(await ofKind('listEmpty')).toEqual({ list: [] });
  });

  it('unsorted rows: the same ones in no order', async () => {
    const { bad, good } = await spoiled('unsorted');
    const order = times(bad as string[][]);
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toEqual([...order].sort((a, b) => b - a));
    expect(new Set(bad.map(String))).toEqual(new Set(good.map(String)));
  });

  it('duplicate rows, equal or in conflict', async () => {
    const equal = await spoiled('duplicates', 2);
    expect(equal.bad).toHaveLength(12);
    expect(new Set(equal.bad.map(String)).size).toBe(10);
    const conflict = await spoiled('conflicts');
    expect(conflict.bad).toHaveLength(11);
    expect(new Set(times(conflict.bad as string[][])).size).toBe(10);
    expect(new Set(conflict.bad.map(String)).size).toBe(11);
  });

  it('rows outside the window', async () => {
    const { bad } = await spoiled('outside');
    expect(times(bad as string[][])[0]).toBe(WINDOW.end + FIVE_MINUTES);
    expect(times(bad as string[][]).at(-1)).toBe(A - FIVE_MINUTES);
  });

  it.each([
    ['nullCells', null],
    ['emptyCells', ''],
    ['nonNumeric', 'abc'],
  ] as const)('%s', async (kind, cell) => {
    const { bad } = await spoiled(kind, 3);
    const broken = bad.filter((row) => row.slice(1, 5).every((each) => each === cell));
    expect(broken).toHaveLength(3);
  });

  it('open times off the grid', async () => {
    const { bad } = await spoiled('offGrid');
    expect(times(bad as string[][]).filter((ms) => ms % FIVE_MINUTES !== 0)).toHaveLength(1);
  });

  it('missing rows and short rows', async () => {
    const { bad, good } = await spoiled('missingRows', 4);
    expect(bad).toEqual([...good.slice(0, 3), ...good.slice(7)]);
    expect((await spoiled('shortRows')).bad.filter((row) => row.length === 3)).toHaveLength(1);
  });

  it('stale rows from before the window', async () => {
    const { bad } = await spoiled('staleRows');
    expect(times(bad as string[][])[0]).toBe(A - FIVE_MINUTES);
    expect(bad).toHaveLength(200);
  });

  it('leaves errors of the venue alone', async () => {
    const simulator = await withFault({ effect: { kind: 'resultNull' } });
    const { retCode, result } = await kline(simulator, { symbol: 'NOPEUSDT' });
    expect([retCode, result]).toEqual([10001, {}]);
  });
});
