import fc from 'fast-check';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { TickerPump } from '../../activities/stream/ticker-pump.js';
import { ServerAway } from '../../domain/failure.js';
import { eventually } from '../stack/eventually.js';
import { endsAtOnce } from './ends-at-once.js';
import { ScriptedCache, ticker } from './scripted-cache.js';

const RENEWAL_MS = 20_000;
/** How long another attempt is believed to own the tickers. */
const SUPERSEDED_MS = 10_000;
const NEVER = new AbortController().signal;

afterEach(() => {
  vi.useRealTimers();
});

/** A pump, and what it told. */
function pumpInto(cache: ScriptedCache) {
  const told = {
    written: [] as string[],
    away: [] as string[],
    back: 0,
    superseded: 0,
    faults: [] as unknown[],
  };
  const pump = new TickerPump({
    cache,
    onWritten: ({ symbol, lastPrice }) => told.written.push(`${symbol}=${lastPrice}`),
    onAway: (reason) => told.away.push(reason),
    onBack: () => told.back++,
    onSuperseded: () => told.superseded++,
    onFault: (error) => told.faults.push(error),
  });
  onTestFinished(() => pump.drain(AbortSignal.abort()));
  return { pump, told };
}

function away(): never {
  throw new ServerAway('Redis is away');
}

/** Resolves when so many writes have begun. */
async function writesOf(cache: ScriptedCache, count: number): Promise<void> {
  await eventually(() => expect(cache.writes.length).toBeGreaterThanOrEqual(count));
}

/** Lets all that can happen without a timer happen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await nextTurn();
}

describe('the latest tickers', () => {
  it('win over those that came while a write was under way', async () => {
    const cache = new ScriptedCache();
    const { pump, told } = pumpInto(cache);
    const release = cache.hold();
    pump.offer(ticker('A', 1));
    await writesOf(cache, 1);
    for (const price of [2, 3, 4]) pump.offer(ticker('A', price));
    pump.offer(ticker('B', 1));
    pump.offer(ticker('A', 5));
    release();
    await pump.drain(NEVER);
    expect(cache.stored).toEqual(['A=1', 'A=5', 'B=1']);
    expect(told.written).toEqual(cache.stored);
    expect(pump.written).toBe(3);
    expect(pump.dropped).toBe(0);
  });

  it('go out in the order in which their symbols began to wait, however busy one is', async () => {
    const cache = new ScriptedCache();
    const { pump } = pumpInto(cache);
    const symbols = Array.from({ length: 600 }, (_, i) => `S${i}`);
    // the first symbol waits again before Redis has answered
    cache.answer = () => {
      pump.offer(ticker('S0', `after ${cache.writes.length} writes`));
      if (cache.writes.length === 4) cache.answer = () => 'stored';
      return nextTurn('stored');
    };
    for (const symbol of symbols) pump.offer(ticker(symbol, 'first'));
    await pump.drain(NEVER);
    const order = cache.writes.flat().map(({ symbol }) => symbol);
    expect(order.slice(0, 600)).toEqual(symbols);
    expect(cache.prices.get('S0')).toBe('after 4 writes');
  });

  it('are all in Redis after a drain, whenever they came', async () => {
    const step = fc.record({
      symbol: fc.integer({ min: 0, max: 400 }),
      after: fc.constantFrom('nothing', 'a microtask', 'microtasks', 'a turn'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), async (steps, slow) => {
        const cache = new ScriptedCache();
        if (slow) cache.answer = () => nextTurn('stored' as const);
        const { pump, told } = pumpInto(cache);
        const latest = new Map<string, string>();
        for (const [price, { symbol, after }] of steps.entries()) {
          if (after === 'a turn') await nextTurn();
          if (after === 'a microtask') await Promise.resolve();
          if (after === 'microtasks') for (let i = 0; i < price % 12; i++) await Promise.resolve();
          latest.set(`S${symbol}`, String(price));
          pump.offer(ticker(`S${symbol}`, price));
        }
        await pump.drain(NEVER);
        expect(cache.prices).toEqual(latest);
        expect(pump.dropped).toBe(0);
        expect(pump.written).toBe(told.written.length);
        expect(cache.released).toBe(1);
      }),
    );
  });

  it('are written also when they come just as the pump comes to rest', async () => {
    for (let microtasks = 0; microtasks < 15; microtasks++) {
      const cache = new ScriptedCache();
      const { pump } = pumpInto(cache);
      cache.answer = async () => {
        cache.answer = () => 'stored';
        void later(microtasks).then(() => pump.offer(ticker('A', 2)));
        return Promise.resolve('stored');
      };
      pump.offer(ticker('A', 1));
      await settle();
      expect(cache.prices.get('A'), `${microtasks} microtasks later`).toBe('2');
    }
  });
});

async function later(microtasks: number): Promise<void> {
  for (let i = 0; i < microtasks; i++) await Promise.resolve();
}

describe('a Redis that is away', () => {
  it('is told once, costs what is overtaken, and gets the latest when it is back', async () => {
    const cache = new ScriptedCache();
    const { pump, told } = pumpInto(cache);
    cache.answer = away;
    pump.offer(ticker('A', 1));
    pump.offer(ticker('B', 1));
    await writesOf(cache, 1);
    await settle();
    // both wait again: what overtakes them is counted
    pump.offer(ticker('A', 2));
    pump.offer(ticker('A', 3));
    pump.offer(ticker('C', 1));
    await writesOf(cache, 3);
    expect(told).toMatchObject({ away: ['Redis is away'], back: 0, written: [] });
    expect(pump.written).toBe(0);
    expect(pump.dropped).toBe(2);
    cache.answer = () => 'stored';
    await eventually(() => expect(pump.written).toBe(3));
    expect(Object.fromEntries(cache.prices)).toEqual({ A: '3', B: '1', C: '1' });
    expect(told).toMatchObject({ away: ['Redis is away'], back: 1, faults: [] });
    // not away any more: overtaking is the rule again and costs nothing
    const release = cache.hold();
    for (const price of [4, 5, 6]) pump.offer(ticker('A', price));
    release();
    await pump.drain(NEVER);
    expect(pump.dropped).toBe(2);
  });

  it('counts the older one when a newer came while the write was failing', async () => {
    const cache = new ScriptedCache();
    const { pump } = pumpInto(cache);
    cache.answer = away;
    const release = cache.hold();
    pump.offer(ticker('A', 1));
    await writesOf(cache, 1);
    pump.offer(ticker('A', 2));
    release();
    await settle();
    expect(pump.dropped).toBe(1);
    cache.answer = () => 'stored';
    await pump.drain(NEVER);
    expect(cache.stored).toEqual(['A=2']);
  });

  it('is given up by a drain whose time is over, and what waits is counted', async () => {
    const cache = new ScriptedCache();
    cache.answer = away;
    const { pump, told } = pumpInto(cache);
    pump.offer(ticker('A', 1));
    pump.offer(ticker('B', 1));
    const limit = new AbortController();
    const drained = pump.drain(limit.signal);
    await writesOf(cache, 1);
    await settle();
    limit.abort();
    await endsAtOnce(drained);
    expect(pump.dropped).toBe(2);
    expect(cache.released).toBe(1);
    pump.offer(ticker('C', 1));
    await settle();
    expect(cache.stored).toEqual([]);
    expect(told.faults).toEqual([]);
  });
});

describe('a drain', () => {
  it('does not wait longer than it may for a Redis that does not answer', async () => {
    const cache = new ScriptedCache();
    const { pump, told } = pumpInto(cache);
    const release = cache.hold();
    pump.offer(ticker('A', 1));
    await writesOf(cache, 1);
    pump.offer(ticker('B', 1));
    // nothing but this limit can end it
    await pump.drain(AbortSignal.timeout(50));
    expect(pump.dropped).toBe(2);
    // what is counted as dropped is not told as written, whatever becomes of it
    release();
    await settle();
    expect(told.written).toEqual([]);
    expect(pump.written).toBe(0);
  });
});

describe('a stream that is superseded', () => {
  it('writes, renews and tells nothing more', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const cache = new ScriptedCache();
    const { pump, told } = pumpInto(cache);
    pump.offer(ticker('A', 1));
    await settle();
    cache.answer = () => 'superseded';
    pump.offer(ticker('A', 2));
    await settle();
    pump.offer(ticker('A', 3));
    vi.advanceTimersByTime(RENEWAL_MS);
    await settle();
    await pump.drain(NEVER);
    expect(cache.writes).toHaveLength(2);
    expect(cache.renewals).toHaveLength(0);
    expect(told).toMatchObject({ superseded: 1, written: ['A=1'], faults: [] });
  });

  it('asks again after 10 s, and writes on when the other has gone', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    const cache = new ScriptedCache();
    const { pump, told } = pumpInto(cache);
    cache.answer = () => 'superseded';
    pump.offer(ticker('A', 1));
    await settle();
    cache.answer = () => 'stored';
    vi.advanceTimersByTime(SUPERSEDED_MS - 1);
    pump.offer(ticker('A', 2));
    await settle();
    expect(cache.stored).toEqual([]);
    vi.advanceTimersByTime(1);
    pump.offer(ticker('A', 3));
    await settle();
    expect(cache.stored).toEqual(['A=3']);
    expect(told).toMatchObject({ superseded: 1, back: 1, written: ['A=3'], faults: [] });
  });
});

describe('what nobody foresaw', () => {
  it('is told once and ends the writing', async () => {
    const cache = new ScriptedCache();
    const { pump, told } = pumpInto(cache);
    const fault = new TypeError('a bug');
    cache.answer = () => {
      throw fault;
    };
    pump.offer(ticker('A', 1));
    await settle();
    pump.offer(ticker('A', 2));
    pump.offer(ticker('B', 1));
    await settle();
    await pump.drain(NEVER);
    expect(told.faults).toEqual([fault]);
    expect(cache.writes).toHaveLength(1);
  });
});

describe('quiet tickers', () => {
  /** A pump whose renewals come when the test says so. */
  function renewing() {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const cache = new ScriptedCache();
    const { pump, told } = pumpInto(cache);
    return { cache, pump, told };
  }

  it('are renewed every 20 s, except those whose connection is down', async () => {
    const { cache, pump } = renewing();
    for (const symbol of ['A', 'B', 'C']) pump.offer(ticker(symbol, 1));
    await settle();
    pump.forget('B');
    vi.advanceTimersByTime(RENEWAL_MS - 1);
    await settle();
    expect(cache.renewals).toEqual([]);
    vi.advanceTimersByTime(1);
    await settle();
    const renewed = (): string[][] =>
      cache.renewals.map((each) => each.map(({ symbol }) => symbol));
    expect(renewed()).toEqual([['A', 'C']]);
    // data of it flows again
    pump.offer(ticker('B', 2));
    vi.advanceTimersByTime(RENEWAL_MS);
    await settle();
    expect(renewed()).toEqual([
      ['A', 'C'],
      ['A', 'C', 'B'],
    ]);
    expect(pump.written).toBe(4);
  });

  it('are never put back to an older value by a renewal', async () => {
    const { cache, pump } = renewing();
    const symbols = Array.from({ length: 600 }, (_, i) => `S${i}`);
    for (const symbol of symbols) pump.offer(ticker(symbol, 'old'));
    await settle();
    // newer values come between the parts of a renewal
    cache.answer = () => {
      cache.answer = () => 'stored';
      for (const symbol of symbols) pump.offer(ticker(symbol, 'new'));
      return 'stored';
    };
    vi.advanceTimersByTime(RENEWAL_MS);
    await settle();
    await pump.drain(NEVER);
    expect(new Set(cache.prices.values())).toEqual(new Set(['new']));
    expect(cache.stored.at(-1)).toMatch(/=new$/);
  });

  it('are not renewed once their connection is down, though Redis was away meanwhile', async () => {
    const { cache, pump } = renewing();
    pump.offer(ticker('A', 1));
    pump.offer(ticker('B', 1));
    await settle();
    cache.answer = away;
    pump.offer(ticker('A', 2));
    await writesOf(cache, 2);
    vi.advanceTimersByTime(RENEWAL_MS);
    pump.forget('B');
    cache.answer = () => 'stored';
    await eventually(() => expect(cache.prices.get('A')).toBe('2'));
    await pump.drain(NEVER);
    expect(cache.renewals.flat().map(({ symbol }) => symbol)).not.toContain('B');
  });

  it('are not renewed after the drain', async () => {
    const { cache, pump } = renewing();
    pump.offer(ticker('A', 1));
    await pump.drain(NEVER);
    vi.advanceTimersByTime(3 * RENEWAL_MS);
    await settle();
    expect(cache.renewals).toEqual([]);
  });
});
