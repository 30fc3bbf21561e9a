import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Market } from '../../simulator/market.js';
import { openMarket } from '../../simulator/simulator.js';
import { Truth, type CandleRow } from '../../simulator/truth.js';
import { DAY, FIVE_MINUTES, HOUR, NOW, times } from './support.js';

const LONGER = [
  ['15m', 15 * 60_000],
  ['1h', HOUR],
  ['4h', 4 * HOUR],
  ['1d', DAY],
] as const;
const DECIMALS = 20;

let market: Market;
let truth: Truth;
let symbols: string[];
beforeAll(async () => {
  market = await openMarket({ now: NOW, speed: 0, pairs: 120 });
  truth = new Truth(market);
  symbols = truth.symbols();
});

/** A decimal string as an exact integer of 10^-20. */
function exact(text: string | undefined): bigint {
  const [whole = '0', fraction = ''] = (text ?? '').split('.');
  return BigInt(whole + fraction.padEnd(DECIMALS, '0'));
}

const sum = (cells: bigint[]): bigint => cells.reduce((a, b) => a + b, 0n);
const most = (cells: bigint[]): bigint => cells.reduce((a, b) => (a > b ? a : b));
const least = (cells: bigint[]): bigint => cells.reduce((a, b) => (a < b ? a : b));
const column = (rows: readonly CandleRow[], i: number): bigint[] =>
  rows.map((row) => exact(row[i]));

/** What a candle must be, from the candles that it is made of. */
function rolledUp(parts: readonly CandleRow[]): bigint[] {
  return [
    column(parts, 1)[0] ?? -1n,
    most(column(parts, 2)),
    least(column(parts, 3)),
    column(parts, 4).at(-1) ?? -1n,
    sum(column(parts, 5)),
    sum(column(parts, 6)),
  ];
}

const anySymbol = fc.nat();
const anyMoment = fc.integer({ min: Date.parse('2021-08-01'), max: NOW });

function pick(n: number): string {
  return symbols[n % symbols.length] ?? 'BTCUSDT';
}

describe('synthetic candles', () => {
  it('roll up exactly, the open candle too', () => {
    const timeframe = fc.constantFrom(...LONGER);
    fc.assert(
      fc.property(anySymbol, anyMoment, timeframe, (n, nowMs, [name, lengthMs]) => {
        const symbol = pick(n);
        const openMs = Math.floor(nowMs / lengthMs) * lengthMs;
        for (const from of [openMs - lengthMs, openMs]) {
          const parts = truth.candles(symbol, '5m', from, from + lengthMs, nowMs);
          const whole = truth.candles(symbol, name, from, from + lengthMs, nowMs);
          expect(whole.length).toBe(parts.length > 0 ? 1 : 0);
          if (whole[0] === undefined) continue;
          expect(whole[0].slice(1).map(exact)).toEqual(rolledUp(parts));
        }
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ['30', '15m'],
    ['120', '1h'],
    ['360', '15m'],
    ['720', '4h'],
    ['W', '1d'],
    ['M', '1d'],
  ] as const)('roll up to the interval %s', (interval, part) => {
    for (const symbol of ['BTCUSDT', 'SHIBUSDT']) {
      const wholes = truth.candles(symbol, { interval }, NOW - 100 * DAY, NOW + 1);
      expect(wholes.length).toBeGreaterThan(2);
      wholes.forEach((whole, i) => {
        const toMs = Number(wholes[i + 1]?.[0] ?? NOW + 1);
        const parts = truth.candles(symbol, part, Number(whole[0]), toMs);
        expect(whole.slice(1).map(exact)).toEqual(rolledUp(parts));
      });
    }
  });

  it('split into minutes that add up to each 5-minute candle', () => {
    fc.assert(
      fc.property(anySymbol, anyMoment, (n, nowMs) => {
        const from = Math.floor(nowMs / FIVE_MINUTES) * FIVE_MINUTES - FIVE_MINUTES;
        for (const openMs of [from, from + FIVE_MINUTES]) {
          const minutes = { interval: '1' };
          const parts = truth.candles(pick(n), minutes, openMs, openMs + FIVE_MINUTES, nowMs);
          const whole = truth.candles(pick(n), '5m', openMs, openMs + FIVE_MINUTES, nowMs);
          if (whole[0] === undefined) continue;
          expect(whole[0].slice(1).map(exact)).toEqual(rolledUp(parts));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('open where the candle before closed, over days and holes in trading', () => {
    fc.assert(
      fc.property(anySymbol, anyMoment, (n, from) => {
        const rows = truth.candles(pick(n), '5m', from - DAY, from + DAY, NOW);
        for (let i = 1; i < rows.length; i++) expect(rows[i]?.[1]).toBe(rows[i - 1]?.[4]);
      }),
      { numRuns: 40 },
    );
  });

  it('keep open, close and the average price between low and high', () => {
    fc.assert(
      fc.property(anySymbol, anyMoment, (n, from) => {
        for (const row of truth.candles(pick(n), '15m', from, from + DAY / 4, NOW)) {
          const [open, high, low, close, volume, turnover] = row.slice(1).map(exact) as [
            bigint,
            bigint,
            bigint,
            bigint,
            bigint,
            bigint,
          ];
          const scale = 10n ** BigInt(DECIMALS);
          expect(low > 0n && low <= open && open <= high && low <= close && close <= high).toBe(
            true,
          );
          expect(low * volume <= turnover * scale && turnover * scale <= high * volume).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('grow monotonically while they are open and end at the final candle', () => {
    const moments = fc.array(fc.integer({ min: 0, max: FIVE_MINUTES - 1 }), {
      minLength: 2,
      maxLength: 8,
    });
    fc.assert(
      fc.property(anySymbol, anyMoment, moments, (n, moment, elapsed) => {
        const openMs = Math.floor(moment / FIVE_MINUTES) * FIVE_MINUTES;
        const at = (nowMs: number): bigint[] | undefined =>
          truth
            .candles(pick(n), '5m', openMs, openMs + 1, nowMs)[0]
            ?.slice(1)
            .map(exact);
        const ascending = [...elapsed].sort((a, b) => a - b).map((ms) => openMs + ms);
        const states = [...ascending, openMs + FIVE_MINUTES].map(at);
        if (states[0] === undefined) return;
        for (let i = 1; i < states.length; i++) {
          const [before, after] = [states[i - 1] ?? [], states[i] ?? []];
          expect(after[0]).toBe(before[0]);
          for (const growing of [1, 4, 5]) {
            expect((after[growing] ?? -1n) >= (before[growing] ?? 0n)).toBe(true);
          }
          expect((after[2] ?? 0n) <= (before[2] ?? -1n)).toBe(true);
          const [, high = 0n, low = 0n, close = -1n] = before;
          expect(low <= close && close <= high).toBe(true);
        }
        expect(states.at(-1)).toEqual(at(Infinity));
      }),
      { numRuns: 150 },
    );
  });

  it('begin at the listing, in the middle of a day', () => {
    const listed = symbols
      .map((symbol) => market.find(symbol))
      .filter((symbol) => (symbol?.listing.listedMs ?? 0) > NOW - 60 * DAY);
    expect(listed.length).toBe(4);
    for (const young of listed) {
      const listedMs = young?.listing.listedMs ?? 0;
      const name = young?.symbol ?? '';
      expect(listedMs % DAY).toBeGreaterThan(0);
      expect(times(truth.candles(name, '5m', 0, NOW))[0]).toBe(listedMs);
      const [first] = truth.candles(name, '1d', 0, NOW);
      const day = Math.floor(listedMs / DAY) * DAY;
      expect(Number(first?.[0])).toBe(day);
      expect(first?.slice(1).map(exact)).toEqual(
        rolledUp(truth.candles(name, '5m', day, day + DAY)),
      );
    }
  });

  it('lack trades in thin pairs, as flat candles or left out', async () => {
    const thin = [...symbols]
      .map((symbol) => market.find(symbol))
      .find((each) => each?.rank === 119);
    const name = thin?.symbol ?? '';
    const from = NOW - 2 * DAY;
    const flat = truth.candles(name, '5m', from, NOW);
    const empty = flat.filter((row) => row[5] === '0');
    expect(empty.length).toBeGreaterThan(5);
    for (const row of empty) {
      expect(new Set(row.slice(1, 5)).size).toBe(1);
      expect(row[6]).toBe('0');
    }
    const quirks = { emptyCandles: 'omit' } as const;
    const other = new Truth(await openMarket({ now: NOW, speed: 0, pairs: 120, quirks }));
    expect(other.candles(name, '5m', from, NOW)).toEqual(flat.filter((row) => row[5] !== '0'));
  });
});

describe('determinism', () => {
  it('gives the same candles in every process and on every machine', () => {
    const pages = ['BTCUSDT', 'ETHUSDT', 'SHIBUSDT', 'ETHBTC'].map((symbol) =>
      truth.candles(symbol, '5m', NOW - 3 * DAY, NOW),
    );
    const digest = createHash('sha256').update(JSON.stringify(pages)).digest('hex');
    expect(digest).toBe('7f2702c1bcc2f036c3d101b9ce646cf42c80cbbe4d8ee237ec239922ce580614');
  });

  it('does not depend on what was asked before, on the start or on the number of pairs', async () => {
    const other = new Truth(await openMarket({ now: NOW - 5 * DAY, speed: 0, pairs: 40 }));
    const [from, to] = [NOW - 400 * DAY, NOW - 397 * DAY];
    expect(other.candles('SOLUSDT', '5m', from, to)).toEqual(
      truth.candles('SOLUSDT', '5m', from, to),
    );
    const young = new Truth(await openMarket({ now: NOW, speed: 0, pairs: 120, seed: 'other' }));
    expect(young.candles('SOLUSDT', '5m', from, to)).not.toEqual(
      truth.candles('SOLUSDT', '5m', from, to),
    );
  });

  it('keeps a new pair as it is when the simulator starts again days later', async () => {
    const names = symbols.filter(
      (name) => (market.find(name)?.listing.listedMs ?? 0) > NOW - 30 * DAY,
    );
    const later = await openMarket({ now: NOW + 3 * DAY, speed: 0, pairs: 120 });
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      expect(later.find(name)?.listing).toEqual(market.find(name)?.listing);
      expect(new Truth(later).candles(name, '1h', 0, NOW - HOUR, NOW)).toEqual(
        truth.candles(name, '1h', 0, NOW - HOUR, NOW),
      );
    }
  });
});

describe('the market', () => {
  it.each([1, 60, 700])('trades %d pairs under different names', async (pairs) => {
    const names = new Truth(await openMarket({ now: NOW, speed: 0, pairs })).symbols();
    expect(names.length).toBe(pairs);
    expect(new Set(names).size).toBe(pairs);
  });

  it('has pairs with other quotes than USDT', () => {
    const quotes = new Set(symbols.map((name) => market.find(name)?.quote));
    for (const quote of ['USDT', 'USDC', 'BTC', 'EUR']) expect(quotes).toContain(quote);
  });

  it('remembers no history: years of candles leave no memory behind', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = (): number => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const read = (): number => {
      let count = 0;
      for (let from = NOW - 700 * DAY; from < NOW; from += 7 * DAY) {
        count += truth.candles('BTCUSDT', '5m', from, from + 7 * DAY).length;
      }
      return count;
    };
    read();
    const before = used();
    expect(read()).toBeGreaterThan(200_000);
    expect(used() - before).toBeLessThan(5_000_000);
  });
});
