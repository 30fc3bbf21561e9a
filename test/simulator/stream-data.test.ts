import { afterEach, describe, expect, it } from 'vitest';
import { connect, disconnectAll, rowOf, type Element, type StreamClient } from './stream-client.js';
import { findInterval } from '../../simulator/interval.js';
import { openMarket, type Simulator } from '../../simulator/simulator.js';
import { ask, DAY, FIVE_MINUTES, HOUR, NOW, rows, start, stopAll } from './support.js';

afterEach(async () => {
  disconnectAll();
  await stopAll();
});

const TICKER_FIELDS = [
  'symbol',
  'lastPrice',
  'highPrice24h',
  'lowPrice24h',
  'prevPrice24h',
  'volume24h',
  'turnover24h',
  'price24hPcnt',
  'usdIndexPrice',
];

describe('tickers', () => {
  it('sends a snapshot at once that equals the REST ticker', async () => {
    const simulator = await start();
    const client = await connect(simulator);
    await client.subscribe('tickers.BTCUSDT');
    const message = await client.next(({ topic }) => topic === 'tickers.BTCUSDT');
    expect(message).toMatchObject({ type: 'snapshot', ts: NOW });
    expect(Object.keys(message)).toEqual(['topic', 'ts', 'type', 'cs', 'data']);
    const data = message.data as Record<string, string>;
    expect(Object.keys(data)).toEqual(TICKER_FIELDS);
    const rest = await ask(simulator, '/v5/market/tickers', {
      category: 'spot',
      symbol: 'BTCUSDT',
    });
    expect(rest.result?.list?.[0]).toMatchObject(data);
  });

  it('sends changes with rising cross sequence, none while the market stands still', async () => {
    const simulator = await start({ tickerIntervalMs: 50 });
    const client = await connect(simulator);
    await client.subscribe('tickers.BTCUSDT', 'kline.5.BTCUSDT');
    await client.next(({ topic }) => topic === 'kline.5.BTCUSDT');
    // open candles go on, so there is something to wait for
    await client.until(() => client.of('kline.5.BTCUSDT').length >= 3);
    expect(client.of('tickers.BTCUSDT').length).toBe(1);
    simulator.control.setClock({ speed: 1 });
    await client.until(() => client.of('tickers.BTCUSDT').length >= 8);
    const sequence = client.of('tickers.BTCUSDT').map(({ cs }) => cs ?? 0);
    expect(sequence).toEqual([...new Set(sequence)].sort((a, b) => a - b));
  });
});

describe('klines', () => {
  it('sends the open candle at once, equal to REST, in the venue’s order of fields', async () => {
    const simulator = await start();
    const client = await connect(simulator);
    const intervals = ['1', '3', '5', '15', '30', '60', '120', '240', '360', '720'];
    await client.subscribe(...intervals.map((interval) => `kline.${interval}.ETHUSDT`));
    await client.subscribe(...['D', 'W', 'M'].map((interval) => `kline.${interval}.ETHUSDT`));
    for (const interval of [...intervals, 'D', 'W', 'M']) {
      const topic = `kline.${interval}.ETHUSDT`;
      const message = await client.next((each) => each.topic === topic);
      expect(Object.keys(message)).toEqual(['type', 'topic', 'data', 'ts']);
      const [element] = message.data as [Element];
      expect(Object.keys(element)).toEqual([
        ...['start', 'end', 'interval', 'open', 'close', 'high', 'low', 'volume', 'turnover'],
        ...['confirm', 'timestamp'],
      ]);
      expect(element).toMatchObject({ interval, confirm: false, timestamp: NOW });
      const [row] = await rows(simulator, { symbol: 'ETHUSDT', interval, limit: 1 });
      expect(rowOf(element)).toEqual(row);
    }
  });

  it('closes each candle once just after its end, as the truth has it', async () => {
    const simulator = await start();
    const client = await connect(simulator);
    await client.subscribe('kline.5.BTCUSDT');
    simulator.control.setClock({ nowMs: Date.parse('2026-03-11T10:09:59.900Z'), speed: 1 });
    const message = await client.next(
      ({ data }) => Array.isArray(data) && (data as Element[])[0]?.confirm === true,
    );
    const boundary = Date.parse('2026-03-11T10:10:00Z');
    expect(message.ts).toBeGreaterThanOrEqual(boundary);
    expect(message.ts).toBeLessThan(boundary + 1000);
    const [element] = message.data as [Element];
    expect(element.end).toBe(boundary - 1);
    const [row] = simulator.truth.candles('BTCUSDT', '5m', boundary - FIVE_MINUTES, boundary);
    expect(rowOf(element)).toEqual(row);
  });

  it('sends every closing frame of a sped-up day', async () => {
    const symbols = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
    const frames = { '5': '5m', '15': '15m', '60': '1h', '240': '4h', D: '1d' } as const;
    const simulator = await start({ klineIntervalMs: 200 });
    const client = await connect(simulator);
    for (const symbol of symbols) {
      await client.subscribe(
        ...Object.keys(frames).map((interval) => `kline.${interval}.${symbol}`),
      );
    }
    simulator.control.setClock({ speed: 20_000 });
    await client.until(() => simulator.nowMs() > NOW + DAY + HOUR);
    simulator.control.setClock({ speed: 0 });
    const end = simulator.nowMs();
    const last = Math.floor(end / FIVE_MINUTES) * FIVE_MINUTES - FIVE_MINUTES;
    await client.until(() =>
      symbols.every((symbol) => client.confirmed(`kline.5.${symbol}`).at(-1)?.start === last),
    );
    for (const symbol of symbols) {
      for (const [interval, timeframe] of Object.entries(frames)) {
        const closed = client.confirmed(`kline.${interval}.${symbol}`);
        const truth = simulator.truth
          .candles(symbol, timeframe, NOW - DAY, end)
          .filter((_, i, all) => i < all.length - 1)
          .filter(([openMs]) => Number(openMs) + lengthOf(interval) > NOW);
        expect(closed.map(rowOf)).toEqual(truth);
      }
    }
  });
});

describe('thin pairs', () => {
  it('trade rarely, the same moments from start to start', async () => {
    const trades = async (): Promise<number[]> => {
      const simulator = await start({ pairs: 120, tickerIntervalMs: 50, klineIntervalMs: 50 });
      const [thin] = await thinSymbols(120);
      const stream = await connect(simulator);
      await stream.subscribe('tickers.BTCUSDT', `kline.5.${String(thin)}`);
      const moments = new Set<number>();
      for (let step = 0; step < 5; step++) {
        const at = NOW + step * 10_000;
        simulator.control.setClock({ nowMs: at });
        const frame = await stream.next(
          (each) => each.topic?.startsWith('kline') === true && each.ts === at,
        );
        moments.add((frame.data as [Element])[0].timestamp);
      }
      return [...moments];
    };
    const [first, second] = [await trades(), await trades()];
    expect(first.length).toBeGreaterThan(1);
    expect(first.every((moment) => moment < NOW + 40_000)).toBe(true);
    expect(second).toEqual(first);
  });

  it('send fewer tickers than busy ones, each equal to REST at its moment', async () => {
    const simulator = await start({ pairs: 120, speed: 1, tickerIntervalMs: 50 });
    const thin = (await thinSymbols(120)).slice(0, 9);
    const stream = await connect(simulator);
    await stream.subscribe('tickers.BTCUSDT', ...thin.map((symbol) => `tickers.${symbol}`));
    await stream.until(() => stream.of('tickers.BTCUSDT').length > 40);
    const counts = thin.map((symbol) => stream.of(`tickers.${symbol}`).length);
    expect(Math.max(...counts)).toBeLessThan(10);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    simulator.control.setClock({ speed: 0 });
    for (const symbol of thin) {
      const frame = stream.of(`tickers.${symbol}`).at(-1);
      simulator.control.setClock({ nowMs: frame?.ts ?? 0 });
      const rest = await ask(simulator, '/v5/market/tickers', { category: 'spot', symbol });
      expect(rest.result?.list?.[0]).toMatchObject(frame?.data as object);
    }
  });
});

describe('the clock', () => {
  it('moved on by a day, closes every candle in between at once', async () => {
    const simulator = await start();
    const stream = await connect(simulator);
    await stream.subscribe('kline.5.BTCUSDT', 'kline.60.BTCUSDT');
    simulator.control.setClock({ nowMs: NOW + DAY });
    await stream.until(() => stream.confirmed('kline.60.BTCUSDT').length === 24);
    const closed = stream.confirmed('kline.5.BTCUSDT');
    expect(closed.length).toBe(288);
    const [from, to] = [(closed[0] as Element).start, NOW + DAY - FIVE_MINUTES];
    expect(closed.map(rowOf)).toEqual(simulator.truth.candles('BTCUSDT', '5m', from, to));
  });

  it('moved over the end of a week and a month, closes every length of candle', async () => {
    const before = Date.parse('2026-05-31T22:30:00Z');
    const after = Date.parse('2026-06-01T01:00:00Z');
    const simulator = await start({ now: before });
    const stream = await connect(simulator);
    const intervals = ['1', '3', '30', '120', '360', '720', 'D', 'W', 'M'];
    await stream.subscribe(...intervals.map((interval) => `kline.${interval}.BTCUSDT`));
    simulator.control.setClock({ nowMs: after });
    await stream.until(() => (stream.confirmed('kline.1.BTCUSDT').at(-1)?.end ?? 0) === after - 1);
    for (const interval of intervals) {
      const closed = stream.confirmed(`kline.${interval}.BTCUSDT`);
      const due = simulator.truth
        .candles('BTCUSDT', { interval }, before - 40 * DAY, after)
        .filter(([openMs]) => {
          const endMs = findInterval(interval)?.next(Number(openMs)) ?? 0;
          return endMs > before && endMs <= after;
        });
      expect(closed.map(rowOf)).toEqual(due);
      expect(closed.length).toBeGreaterThan(0);
    }
  });

  it('moved on by more than a week, begins anew and counts what it left out', async () => {
    const simulator = await start({ klineIntervalMs: 50 });
    const stream = await connect(simulator);
    await stream.subscribe('kline.5.BTCUSDT');
    simulator.control.setClock({ nowMs: NOW + 8 * DAY });
    await stream.next(({ ts }) => ts === NOW + 8 * DAY);
    expect(stream.confirmed('kline.5.BTCUSDT')).toEqual([]);
    expect(simulator.stream.stats.snapshot().skippedCandles).toBe(8 * 288);
    simulator.control.setClock({ nowMs: NOW + 8 * DAY + FIVE_MINUTES });
    await stream.until(() => stream.confirmed('kline.5.BTCUSDT').length === 1);
  });

  it('set back, opens the earlier candles again', async () => {
    const simulator = await start({ klineIntervalMs: 50 });
    const stream = await connect(simulator);
    await stream.subscribe('kline.5.BTCUSDT');
    simulator.control.setClock({ nowMs: NOW - HOUR });
    const frame = await stream.next(({ ts }) => ts === NOW - HOUR);
    expect((frame.data as [Element])[0].start).toBe(Date.parse('2026-03-11T09:05:00Z'));
    simulator.control.setClock({ nowMs: NOW - HOUR + FIVE_MINUTES });
    await stream.until(() => stream.confirmed('kline.5.BTCUSDT').length === 1);
  });
});

describe('listings', () => {
  it('give no frames before listing or after delisting', async () => {
    const simulator = await start({ klineIntervalMs: 50, tickerIntervalMs: 50 });
    const stream = await connect(simulator);
    const listedMs = NOW + 10 * 60_000;
    simulator.control.changeSymbol('NEWUSDT', { listedMs });
    expect((await stream.subscribe('kline.5.NEWUSDT')).success).toBe(false);
    expect((await stream.subscribe('tickers.NEWUSDT')).success).toBe(false);
    simulator.control.setClock({ nowMs: listedMs });
    await stream.subscribe('kline.5.NEWUSDT', 'kline.60.NEWUSDT', 'tickers.NEWUSDT');
    await stream.subscribe('kline.5.BTCUSDT');
    const [first] = (await stream.next(({ topic }) => topic === 'kline.5.NEWUSDT')).data as [
      Element,
    ];
    expect(first.start).toBe(Math.floor(listedMs / FIVE_MINUTES) * FIVE_MINUTES);
    await stream.next(({ topic }) => topic === 'tickers.NEWUSDT');
    // the candle that ends with trading is the last one
    const delistedMs = first.start + 3 * FIVE_MINUTES;
    simulator.control.changeSymbol('NEWUSDT', { delistedMs });
    simulator.control.setClock({ nowMs: delistedMs });
    await stream.next(({ topic, ts, data }) => {
      const open = topic === 'kline.5.BTCUSDT' && !(data as [Element])[0].confirm;
      return open && ts === delistedMs;
    });
    simulator.control.setClock({ nowMs: delistedMs + HOUR });
    await stream.until(() => stream.confirmed('kline.5.BTCUSDT').length === 15);
    await stream.next(({ topic, ts }) => topic === 'kline.5.BTCUSDT' && ts === delistedMs + HOUR);
    expect(stream.confirmed('kline.5.NEWUSDT').map(({ end }) => end + 1)).toEqual([
      delistedMs - 2 * FIVE_MINUTES,
      delistedMs - FIVE_MINUTES,
      delistedMs,
    ]);
    // the hour that trading did not outlive never closes
    for (const topic of ['tickers.NEWUSDT', 'kline.60.NEWUSDT']) {
      const moments = new Set(stream.of(topic).map(({ ts }) => ts));
      expect([...moments]).toEqual([listedMs]);
    }
  });

  it('with holes have no frames in them', async () => {
    const simulator = await start();
    const stream = await connect(simulator);
    const fromMs = Date.parse('2026-03-11T10:15:00Z');
    const holes = [{ fromMs, toMs: fromMs + 2 * FIVE_MINUTES }];
    simulator.control.changeSymbol('BTCUSDT', { holes });
    await stream.subscribe('kline.5.BTCUSDT', 'kline.15.BTCUSDT');
    simulator.control.setClock({ nowMs: NOW + HOUR });
    await stream.until(() => stream.confirmed('kline.15.BTCUSDT').length === 4);
    expectTruth(stream, simulator, 'BTCUSDT', NOW + HOUR);
    expect(stream.confirmed('kline.5.BTCUSDT').length).toBe(10);
  });
});

describe('quirks of data', () => {
  it('emptyCandles: omit leaves out candles without a trade', async () => {
    const simulator = await start({ pairs: 300, quirks: { emptyCandles: 'omit' } });
    const symbol = (await thinSymbols(300)).find(
      (each) => simulator.truth.candles(each, '5m', NOW, NOW + DAY, NOW + 2 * DAY).length < 260,
    ) as string;
    const stream = await connect(simulator);
    await stream.subscribe(`kline.5.${symbol}`, `kline.15.${symbol}`, 'kline.5.BTCUSDT');
    simulator.control.setClock({ nowMs: NOW + DAY });
    await stream.until(() => stream.confirmed('kline.5.BTCUSDT').length === 288);
    expectTruth(stream, simulator, symbol, NOW + DAY);
    expect(stream.confirmed(`kline.5.${symbol}`).length).toBeLessThan(260);
  });

  it('streamJoinedBoundary: the closing frame also opens the next candle', async () => {
    const simulator = await start({ quirks: { streamJoinedBoundary: true } });
    const stream = await connect(simulator);
    await stream.subscribe('kline.5.BTCUSDT');
    simulator.control.setClock({ nowMs: NOW + FIVE_MINUTES });
    const frame = await stream.next(({ data }) => Array.isArray(data) && data.length === 2);
    const [closed, opened] = frame.data as [Element, Element];
    expect([closed.confirm, opened.confirm]).toEqual([true, false]);
    expect(opened.start).toBe(closed.end + 1);
    expect(opened.open).toBe(closed.close);
    expectTruth(stream, simulator, 'BTCUSDT', NOW + FIVE_MINUTES);
  });

  it('streamDuplicateConfirms: the closing frame comes twice', async () => {
    const simulator = await start({ quirks: { streamDuplicateConfirms: true } });
    const stream = await connect(simulator);
    await stream.subscribe('kline.5.BTCUSDT');
    simulator.control.setClock({ nowMs: NOW + FIVE_MINUTES });
    await stream.until(() => stream.confirmed('kline.5.BTCUSDT').length === 2);
    const [first, second] = stream.confirmed('kline.5.BTCUSDT');
    expect(second).toEqual(first);
  });

  it('streamBlankIndexPrice: the field stays, empty', async () => {
    const simulator = await start({ quirks: { streamBlankIndexPrice: true } });
    const stream = await connect(simulator);
    await stream.subscribe('tickers.BTCUSDT');
    const { data } = await stream.next(({ topic }) => topic === 'tickers.BTCUSDT');
    expect(data).toMatchObject({ usdIndexPrice: '' });
  });

  it('streamAmended: closing frames lack the last trades as REST does', async () => {
    const amendments = { amendAfterMs: 60_000 };
    const simulator = await start({ quirks: amendments });
    const stream = await connect(simulator);
    await stream.subscribe('kline.5.BTCUSDT');
    const closing = async (nowMs: number): Promise<[stream: string[], rest: string[]]> => {
      const count = stream.confirmed('kline.5.BTCUSDT').length;
      simulator.control.setClock({ nowMs });
      await stream.until(() => stream.confirmed('kline.5.BTCUSDT').length > count);
      const element = stream.confirmed('kline.5.BTCUSDT').at(-1) as Element;
      const [row] = await rows(simulator, { start: element.start, end: element.start });
      return [rowOf(element), row as string[]];
    };
    const boundary = Date.parse('2026-03-11T10:10:00Z');
    const [final, early] = await closing(boundary + 10);
    expect(Number(final[5])).toBeGreaterThan(Number(early[5]));
    simulator.control.setQuirks({ streamAmended: true });
    const [amended, rest] = await closing(boundary + FIVE_MINUTES + 10);
    expect(amended).toEqual(rest);
  });
});

/** Compares all closed 5- and 15-minute candles since NOW with the truth. */
function expectTruth(
  stream: StreamClient,
  simulator: Simulator,
  symbol: string,
  endMs: number,
): void {
  for (const interval of ['5', '15']) {
    const lengthMs = lengthOf(interval);
    const from = Math.floor(NOW / lengthMs) * lengthMs;
    const truth = simulator.truth
      .candles(symbol, { interval }, from, endMs)
      .filter(([openMs]) => Number(openMs) + lengthMs <= endMs);
    const closed = stream.confirmed(`kline.${interval}.${symbol}`);
    if (stream.of(`kline.${interval}.${symbol}`).length > 0) {
      expect(closed.map(rowOf)).toEqual(truth);
    }
  }
}

/** The pairs that trade rarely in a market of so many pairs. */
async function thinSymbols(pairs: number): Promise<string[]> {
  const market = await openMarket({ now: NOW, pairs });
  return market
    .tradingSymbols()
    .filter(({ rank }) => rank >= 50)
    .map(({ symbol }) => symbol);
}

function lengthOf(interval: string): number {
  return interval === 'D' ? DAY : Number(interval) * 60_000;
}
