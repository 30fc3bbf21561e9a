import { afterEach, describe, expect, it } from 'vitest';
import { checkQuirks } from '../../simulator/quirks.js';
import {
  A,
  ask,
  DAY,
  downFrom,
  FIVE_MINUTES,
  HOUR,
  kline,
  NOW,
  OPEN,
  rows,
  start,
  stopAll,
  times,
} from './support.js';

const HOLE = { fromMs: A, toMs: A + HOUR };

afterEach(stopAll);

describe('windows without candles', () => {
  it('are empty, or answered with the candles before them', async () => {
    const simulator = await start();
    simulator.control.changeSymbol('BTCUSDT', { holes: [HOLE] });
    const window = { start: A, end: A + HOUR - 1, limit: 3 };
    expect(await rows(simulator, window)).toEqual([]);
    simulator.control.setQuirks({ emptyWindow: 'stale' });
    expect(times(await rows(simulator, window))).toEqual(
      downFrom(A - FIVE_MINUTES, 3, FIVE_MINUTES),
    );
  });

  it('start alone in a hole goes on after it, or before it', async () => {
    const simulator = await start();
    simulator.control.changeSymbol('BTCUSDT', { holes: [HOLE] });
    const inside = { start: A + FIVE_MINUTES, limit: 2 };
    expect(times(await rows(simulator, inside))).toEqual(
      downFrom(A + HOUR + FIVE_MINUTES, 2, FIVE_MINUTES),
    );
    simulator.control.setQuirks({ startInHole: 'stale' });
    expect(times(await rows(simulator, inside))).toEqual(
      downFrom(A - FIVE_MINUTES, 2, FIVE_MINUTES),
    );
    expect(times(await rows(simulator, { start: A + HOUR, limit: 1 }))).toEqual([A + HOUR]);
  });

  it('start after end is an error or empty', async () => {
    const simulator = await start();
    const window = { start: A + DAY, end: A };
    expect((await kline(simulator, window)).retCode).toBe(10001);
    simulator.control.setQuirks({ startAfterEnd: 'empty' });
    expect(await rows(simulator, window)).toEqual([]);
  });

  it('limit 0 and below: the default, an error or one row', async () => {
    const simulator = await start();
    expect(await rows(simulator, { limit: 0 })).toHaveLength(200);
    expect(await rows(simulator, { limit: -5 })).toHaveLength(200);
    simulator.control.setQuirks({ limitBelowOne: 'one' });
    expect(await rows(simulator, { limit: 0 })).toHaveLength(1);
    simulator.control.setQuirks({ limitBelowOne: 'error' });
    expect((await kline(simulator, { limit: 0 })).retCode).toBe(10001);
  });
});

describe('candles that change', () => {
  it('a closed candle gets its last trades late', async () => {
    const simulator = await start({ quirks: { amendAfterMs: 10_000 } });
    const before = OPEN - FIVE_MINUTES;
    const ask5m = async (): Promise<string[] | undefined> =>
      (await rows(simulator, { start: before, end: before }))[0];
    const final = simulator.truth.candles('BTCUSDT', '5m', before, OPEN)[0];
    simulator.control.setClock({ nowMs: OPEN + 9999 });
    const early = await ask5m();
    const [hour] = await rows(simulator, { interval: '60', limit: 1 });
    expect(Number(early?.[5])).toBeLessThan(Number(final?.[5]));
    expect(Number(early?.[5])).toBeGreaterThan(0);
    expect(simulator.truth.candles('BTCUSDT', '5m', before, OPEN)[0]).toEqual(final);
    simulator.control.setClock({ nowMs: OPEN + 10_000 });
    expect(await ask5m()).toEqual(final);
    expect(Number(hour?.[5])).toBeLessThan(
      Number((await rows(simulator, { interval: '60', limit: 1 }))[0]?.[5]),
    );
  });

  it('one chosen candle is amended when it is told', async () => {
    const simulator = await start();
    const final = simulator.truth.candles('BTCUSDT', '5m', A, A + 1)[0];
    simulator.control.changeSymbol('BTCUSDT', {
      amendments: [{ openTimeMs: A, untilMs: NOW + 1000 }],
    });
    const early = (await rows(simulator, { start: A, end: A }))[0];
    expect(Number(early?.[5])).toBeLessThan(Number(final?.[5]));
    simulator.control.setClock({ nowMs: NOW + 1000 });
    expect((await rows(simulator, { start: A, end: A }))[0]).toEqual(final);
  });

  it('just after a boundary the new candle may be missing, the old one unclosed', async () => {
    const before = OPEN - FIVE_MINUTES;
    for (const replicaLag of ['missing-new', 'unclosed-old'] as const) {
      const simulator = await start({ now: OPEN + 1499, quirks: { replicaLag } });
      const final = simulator.truth.candles('BTCUSDT', '5m', before, OPEN)[0];
      const [newest] = await rows(simulator, { limit: 1 });
      expect(Number(newest?.[0])).toBe(before);
      if (replicaLag === 'missing-new') expect(newest).toEqual(final);
      else
        expect(newest).toEqual(simulator.truth.candles('BTCUSDT', '5m', before, OPEN, OPEN - 1)[0]);
      expect((await kline(simulator)).time).toBe(OPEN + 1499);
      simulator.control.setClock({ nowMs: OPEN + 1500 });
      expect(times(await rows(simulator, { limit: 2 }))).toEqual([OPEN, before]);
    }
  });

  it('a candle just opened is flat, or not there yet when empty candles are left out', async () => {
    const simulator = await start({ now: OPEN });
    const [flat] = await rows(simulator, { limit: 1 });
    const price = simulator.truth.candles('BTCUSDT', '5m', OPEN - FIVE_MINUTES, OPEN)[0]?.[4];
    expect(flat).toEqual([String(OPEN), price, price, price, price, '0', '0']);
    simulator.control.setQuirks({ emptyCandles: 'omit' });
    expect(times(await rows(simulator, { limit: 1 }))).toEqual([OPEN - FIVE_MINUTES]);
  });

  it('the page cache never serves an older state', async () => {
    let wall = 0;
    const simulator = await start({ speed: 1, wallClock: () => wall });
    const window = { start: A, end: OPEN + HOUR, limit: 5 };
    const first = await rows(simulator, window);
    wall = 30_000;
    const second = await rows(simulator, window);
    expect(Number(second[0]?.[5])).toBeGreaterThan(Number(first[0]?.[5]));
    const settled = { start: A, end: A + HOUR };
    const whole = await rows(simulator, settled);
    simulator.control.changeSymbol('BTCUSDT', {
      holes: [{ fromMs: A, toMs: A + 2 * FIVE_MINUTES }],
    });
    expect(await rows(simulator, settled)).toEqual(whole.slice(0, -2));
    simulator.control.setClock({ nowMs: A + HOUR / 2 });
    expect(times(await rows(simulator, settled))[0]).toBe(A + HOUR / 2);
    const uncached = await start({ pageCache: false });
    expect(await rows(uncached, settled)).toEqual(whole);
  });
});

describe('symbols come and go', () => {
  it('a delisted symbol vanishes; its kline is refused or frozen', async () => {
    const simulator = await start();
    simulator.control.changeSymbol('ETHUSDT', { delistedMs: A });
    expect(simulator.truth.symbols()).not.toContain('ETHUSDT');
    const spot = { category: 'spot' };
    for (const path of ['/v5/market/instruments-info', '/v5/market/tickers']) {
      expect(JSON.stringify(await ask(simulator, path, spot))).not.toContain('"ETHUSDT"');
    }
    const request = { symbol: 'ETHUSDT', limit: 1 };
    expect((await kline(simulator, request)).retMsg).toBe('Not supported symbols');
    simulator.control.setQuirks({ delistedKline: 'frozen' });
    expect(times(await rows(simulator, request))).toEqual([A - FIVE_MINUTES]);
    expect(await rows(simulator, { ...request, start: A, end: A + DAY })).toEqual([]);
    simulator.control.reset(['symbols']);
    expect(times(await rows(simulator, request))).toEqual([OPEN]);
  });

  it('a symbol is unknown until it is listed', async () => {
    const simulator = await start();
    simulator.control.changeSymbol('BRANDNEWUSDT', { listedMs: NOW + 1000 });
    const request = { symbol: 'BRANDNEWUSDT' };
    expect((await kline(simulator, request)).retMsg).toBe('Not supported symbols');
    simulator.control.setClock({ nowMs: NOW + 1000 });
    expect(times(await rows(simulator, request))).toEqual([OPEN]);
    expect(simulator.truth.symbols()).toContain('BRANDNEWUSDT');
    expect(() => simulator.control.changeSymbol('NOQUOTE', {})).toThrow('NOQUOTE');
  });

  it('a week of which one day was traded is that day', async () => {
    const simulator = await start();
    const monday = Date.parse('2026-03-02T00:00:00Z');
    simulator.control.changeSymbol('ETHUSDT', { listedMs: monday + 6 * DAY });
    const [week] = await rows(simulator, { symbol: 'ETHUSDT', interval: 'W', end: monday });
    const [sunday] = simulator.truth.candles('ETHUSDT', '1d', monday, monday + 7 * DAY);
    expect(week).toEqual([String(monday), ...(sunday ?? []).slice(1)]);
  });

  it('a hole takes the candles out of every interval', async () => {
    const simulator = await start();
    simulator.control.changeSymbol('BTCUSDT', { holes: [{ fromMs: A, toMs: A + DAY + HOUR }] });
    const window = { start: A - DAY, end: A + 2 * DAY };
    expect(times(await rows(simulator, { ...window, interval: 'D' }))).toEqual([
      A + 2 * DAY,
      A + DAY,
      A - DAY,
    ]);
    expect(times(await rows(simulator, { ...window, interval: '240', limit: 100 }))).toContain(
      A + DAY,
    );
    expect(times(await rows(simulator, { start: A + DAY, end: A + DAY + HOUR }))).toEqual([
      A + DAY + HOUR,
    ]);
  });
});

describe('envelopes', () => {
  it('differ as the switches say', async () => {
    const simulator = await start({
      quirks: {
        retMsg: '',
        errorResult: 'null',
        retExtInfo: 'null',
        nextPageCursor: 'empty',
        rateHeaders: false,
      },
    });
    const instruments = await ask(simulator, '/v5/market/instruments-info', { category: 'spot' });
    expect(instruments).toMatchObject({ retCode: 0, retMsg: '', retExtInfo: null });
    expect(instruments.result?.nextPageCursor).toBe('');
    expect(await kline(simulator, { symbol: 'NOPEUSDT' })).toMatchObject({
      retCode: 10001,
      result: null,
    });
  });

  it.each([
    [{ emptyWindow: 'sometimes' }, 'one of strict, stale'],
    [{ amendAfterMs: '5' }, 'number expected'],
    [{ amendAfterMs: -1 }, 'number expected'],
    [{ colour: 'red' }, "no quirk 'colour'"],
  ])('refuse the setting %j', (input, reason) => {
    expect(() => checkQuirks(input)).toThrow(reason);
  });
});
