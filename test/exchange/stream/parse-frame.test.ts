import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameReader } from '../../../exchange/stream/frame-reader.js';
import { shardTopics } from '../../../exchange/stream/topics.js';
import { START_MS, klineElement, klineFrame, tickerFrame } from './frames.js';
import { RecordingListener } from './recording-listener.js';

function reader(...symbols: string[]) {
  const told = new RecordingListener();
  const [topics = []] = shardTopics(symbols);
  const frames = new FrameReader(topics, told);
  const read = (frame: unknown) =>
    frames.read(typeof frame === 'string' ? frame : JSON.stringify(frame));
  return { told, frames, read };
}

describe('answers', () => {
  const UUID = '0a555e6f-8f6c-4ea4-8a6b-4c0a6f3e2f11';

  test.each([
    [
      'accepted, as captured',
      '{"success":true,"ret_msg":"subscribe","conn_id":"d9avsh3fo0jvsls9d82g-5m9jh","req_id":"1","op":"subscribe"}',
      { requestId: '1', success: true, text: 'subscribe' },
    ],
    [
      'accepted, without an id',
      `{"success":true,"ret_msg":"","conn_id":"${UUID}","op":"subscribe"}`,
      { requestId: '', success: true, text: '' },
    ],
    [
      'accepted, with an id that is a number',
      '{"success":true,"ret_msg":"subscribe","req_id":7,"op":"subscribe"}',
      { requestId: '7', success: true, text: 'subscribe' },
    ],
    [
      'too many topics',
      `{"success":false,"ret_msg":"args size \\u003e10","conn_id":"${UUID}","op":"subscribe"}`,
      { requestId: '', success: false, text: 'args size >10' },
    ],
    [
      'unknown symbol',
      `{"success":false,"ret_msg":"Invalid symbol :[tickers.NOPEUSDT]","conn_id":"${UUID}","req_id":"2","op":"subscribe"}`,
      { requestId: '2', success: false, text: 'Invalid symbol :[tickers.NOPEUSDT]' },
    ],
    [
      'not decoded, so without an op',
      '{"success":false,"ret_msg":"Failed to decode incoming data:readObjectStart"}',
      { requestId: '', success: false, text: 'Failed to decode incoming data:readObjectStart' },
    ],
    ['pong of spot', '{"success":true,"ret_msg":"pong","conn_id":"x","op":"ping"}', 'pong'],
    ['pong of linear', '{"success":true,"ret_msg":"pong","req_id":"","op":"ping"}', 'pong'],
    ['pong of options', '{"args":["1672916271846"],"op":"pong"}', 'pong'],
  ])('%s', (_name, text, answer) => {
    const { read, frames } = reader('BTCUSDT');
    expect(read(text)).toEqual(answer);
    expect(frames.malformed).toBe(0);
    expect(frames.lastDataMs).toBeUndefined();
  });
});

describe('tickers', () => {
  test('are told with the texts of the venue', () => {
    const { read, told, frames } = reader('BTCUSDT');
    const before = Date.now();
    expect(read(tickerFrame('BTCUSDT', {}, START_MS))).toBe('data');
    const [ticker] = told.tickers;
    expect(ticker).toEqual({
      symbol: 'BTCUSDT',
      lastPrice: '64057.7',
      price24hPcnt: '-0.0042',
      highPrice24h: '64500',
      lowPrice24h: '63232.1',
      volume24h: '7217.990977',
      turnover24h: '460629823.77866687',
      venueTimeMs: START_MS,
      receivedAtMs: ticker?.receivedAtMs,
    });
    expect(ticker?.receivedAtMs).toBeGreaterThan(before - 1000);
    expect(ticker?.receivedAtMs).toBeLessThan(Date.now() + 1000);
    expect(told.venueTimes).toEqual([]);
    read(tickerFrame('BTCUSDT', {}, START_MS + 1));
    expect(told.venueTimes).toEqual([START_MS]);
    expect(frames.lastDataMs).toBeDefined();
  });

  test('have a receipt finer than a millisecond', () => {
    const { read, told } = reader('BTCUSDT');
    for (let i = 0; i < 50; i++) read(tickerFrame('BTCUSDT'));
    expect(told.tickers.some(({ receivedAtMs }) => receivedAtMs % 1 !== 0)).toBe(true);
  });

  test('of the canary are not told, but are data', () => {
    const { read, told, frames } = reader('ETHUSDT');
    expect(read(tickerFrame('BTCUSDT', {}, START_MS))).toBe('data');
    expect(told.tickers).toEqual([]);
    expect(frames.malformed).toBe(0);
  });

  test.each([
    ['no number', { lastPrice: 'abc' }],
    ['an empty text', { highPrice24h: '' }],
    ['null', { lowPrice24h: null }],
    ['a missing field', { volume24h: undefined }],
    ['a negative price', { lastPrice: '-1' }],
    ['a JSON number', { turnover24h: 1 }],
    ['a bare sign', { price24hPcnt: '-' }],
    ['another symbol', { symbol: 'ETHUSDT' }],
  ])('with %s are passed over whole', (_name, changes) => {
    const { read, told, frames } = reader('BTCUSDT');
    expect(read(tickerFrame('BTCUSDT', changes, START_MS))).toBe('data');
    expect(told.tickers).toEqual([]);
    expect(frames.malformed).toBe(1);
  });
});

describe('klines', () => {
  const CLOSED = {
    symbol: 'BTCUSDT',
    timeframe: '5m',
    openTimeMs: START_MS,
    open: 64104.5,
    high: 64105,
    low: 64090.1,
    close: 64096.4,
    volume: 1.01673,
    turnover: 65173.1079222,
    venueTimeMs: START_MS + 300_004,
  };

  test('closed', () => {
    const { read, told } = reader('BTCUSDT');
    read(klineFrame('kline.5.BTCUSDT', [klineElement()]));
    expect(told.candles).toEqual([{ ...CLOSED, receivedAtMs: told.candles[0]?.receivedAtMs }]);
  });

  test.each([
    ['5', '5m', 300_000],
    ['15', '15m', 900_000],
    ['60', '1h', 3_600_000],
    ['240', '4h', 14_400_000],
    ['D', '1d', 86_400_000],
  ])('of interval %s', (interval, timeframe, lengthMs) => {
    const { read, told } = reader('BTCUSDT');
    const start = Math.floor(START_MS / lengthMs) * lengthMs;
    read(klineFrame(`kline.${interval}.BTCUSDT`, [klineElement({ start })]));
    expect(told.candles).toMatchObject([{ symbol: 'BTCUSDT', timeframe, openTimeMs: start }]);
  });

  test('open ones are data, and are not told', () => {
    const { read, told, frames } = reader('BTCUSDT');
    expect(read(klineFrame('kline.5.BTCUSDT', [klineElement({ confirm: false })]))).toBe('data');
    expect(told.candles).toEqual([]);
    expect(frames.malformed).toBe(0);
  });

  test('two elements at a boundary', () => {
    const { read, told, frames } = reader('BTCUSDT');
    const next = klineElement({ start: START_MS + 300_000, confirm: false });
    read(klineFrame('kline.5.BTCUSDT', [klineElement(), next]));
    expect(told.candles).toMatchObject([{ openTimeMs: START_MS }]);
    expect(frames.malformed).toBe(0);
  });

  test('the same close twice is told twice', () => {
    const { read, told } = reader('BTCUSDT');
    for (let i = 0; i < 2; i++) read(klineFrame('kline.5.BTCUSDT', [klineElement()]));
    expect(told.candles).toHaveLength(2);
  });

  test.each([
    ['no number', { open: 'x' }],
    ['an empty text', { close: '' }],
    ['a missing turnover', { turnover: undefined }],
    ['a negative volume', { volume: '-1' }],
    ['an open time off the grid', { start: START_MS + 1 }],
    ['an open time in text', { start: String(START_MS) }],
    ['no confirm', { confirm: undefined }],
    ['a confirm in text', { confirm: 'true' }],
  ])('with %s are passed over, the others are told', (_name, changes) => {
    const { read, told, frames } = reader('BTCUSDT');
    read(klineFrame('kline.5.BTCUSDT', [klineElement(changes), klineElement(), null]));
    expect(told.candles).toMatchObject([{ openTimeMs: START_MS }]);
    expect(frames.malformed).toBe(2);
  });

  test.each([[undefined], [null], [{}], ['x']])('with data %j', (data) => {
    const { read, told, frames } = reader('BTCUSDT');
    read(klineFrame('kline.5.BTCUSDT', data));
    expect(told.candles).toEqual([]);
    expect(frames.malformed).toBe(1);
  });
});

describe('what cannot be read is counted and passed over', () => {
  test.each([
    [''],
    ['{'],
    ['null'],
    ['[]'],
    ['7'],
    ['<html>'],
    ['{}'],
    ['{"success":true}'],
    ['{"success":"yes","op":"subscribe"}'],
    ['{"topic":7,"ts":1}'],
    [JSON.stringify(tickerFrame('NOPEUSDT'))],
    [JSON.stringify({ ...tickerFrame('BTCUSDT'), ts: undefined })],
    [JSON.stringify({ ...tickerFrame('BTCUSDT'), ts: '1786538729776' })],
    [JSON.stringify({ ...tickerFrame('BTCUSDT'), ts: -1 })],
    [JSON.stringify({ ...tickerFrame('BTCUSDT'), ts: 1.5 })],
  ])('%s', (text) => {
    const { read, told, frames } = reader('BTCUSDT');
    expect(read(text)).toBeUndefined();
    expect(frames).toMatchObject({ messages: 1, malformed: 1, lastDataMs: undefined });
    expect([...told.tickers, ...told.candles, ...told.venueTimes]).toEqual([]);
  });

  test('any JSON under any topic', () => {
    const topic = fc.constantFrom('tickers.BTCUSDT', 'kline.5.BTCUSDT', 'tickers.X');
    fc.assert(
      fc.property(topic, fc.jsonValue(), fc.jsonValue(), (name, data, ts) => {
        const { read, told } = reader('BTCUSDT');
        read({ topic: name, data, ts });
        read({ topic: name, data: [data], ts: START_MS });
        expect([...told.tickers, ...told.candles]).toEqual([]);
      }),
    );
  });
});

describe('the time of the venue', () => {
  test('is what two frames in a row have told, so that one wrong frame changes nothing', () => {
    const { told, frames, read } = reader('BTCUSDT');
    const YEAR_MS = 365 * 86_400_000;
    for (const aheadMs of [0, 10, YEAR_MS, 20, 30, 5, 6, YEAR_MS, 40, 50]) {
      read(tickerFrame('BTCUSDT', {}, START_MS + aheadMs));
    }
    expect(told.venueTimes.map((timeMs) => timeMs - START_MS)).toEqual([0, 10, 20, 40]);
    expect(frames.venueTimeMs).toBe(START_MS + 40);
  });

  test('goes with a market that jumps, one frame later', () => {
    const { frames, read } = reader('BTCUSDT');
    const HOUR_MS = 3_600_000;
    for (const hours of [1, 2, 3]) read(tickerFrame('BTCUSDT', {}, START_MS + hours * HOUR_MS));
    expect(frames.venueTimeMs).toBe(START_MS + 2 * HOUR_MS);
  });

  test('in another unit is no time', () => {
    const { frames, read } = reader('BTCUSDT');
    expect(read(tickerFrame('BTCUSDT', {}, START_MS * 1000))).toBeUndefined();
    expect(frames.malformed).toBe(1);
  });
});
