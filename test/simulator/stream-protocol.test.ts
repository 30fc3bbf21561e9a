import { afterEach, describe, expect, it } from 'vitest';
import type { Quirks } from '../../simulator/quirks.js';
import { connect, disconnectAll, type StreamClient } from './stream-client.js';
import { start, stopAll } from './support.js';

afterEach(async () => {
  disconnectAll();
  await stopAll();
});

const XID = /^[0-9a-v]{20}-[0-9a-v]{5}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function client(quirks: Partial<Quirks> = {}): Promise<StreamClient> {
  return connect(await start({ quirks }));
}

describe('subscribe', () => {
  it('is acknowledged in the spot form, req_id as text', async () => {
    const stream = await client();
    const ack = await stream.ask({ req_id: 7, op: 'subscribe', args: ['tickers.BTCUSDT'] });
    expect(Object.keys(ack)).toEqual(['success', 'ret_msg', 'conn_id', 'req_id', 'op']);
    expect(ack).toMatchObject({
      success: true,
      ret_msg: 'subscribe',
      conn_id: expect.stringMatching(XID) as string,
      req_id: '7',
      op: 'subscribe',
    });
    const again = await stream.ask({ req_id: 'a', op: 'subscribe', args: ['tickers.ETHUSDT'] });
    expect(again).toMatchObject({ req_id: 'a', conn_id: ack.conn_id });
  });

  it('takes 10 topics and refuses 11 as a whole, with the sign escaped on the wire', async () => {
    const simulator = await start();
    const stream = await connect(simulator);
    const topics = simulator.truth.symbols().map((symbol) => `tickers.${symbol}`);
    const raw: string[] = [];
    stream.socket.on('message', (data: Buffer) => raw.push(data.toString()));
    expect(await stream.subscribe(...topics.slice(0, 11))).toMatchObject({
      success: false,
      ret_msg: 'args size >10',
      op: 'subscribe',
    });
    expect(raw[0]).toContain('"args size \\u003e10"');
    expect(await stream.subscribe(...topics.slice(0, 10))).toMatchObject({ success: true });
    await stream.until(() => new Set(stream.messages.map(({ topic }) => topic)).size > 10);
    expect(stream.of(topics[10] as string)).toEqual([]);
  });

  it.each([
    ['tickers.NOPEUSDT', 'Invalid symbol :[tickers.NOPEUSDT]'],
    ['kline.5.NOPEUSDT', 'Invalid symbol :[kline.5.NOPEUSDT]'],
    ['tickers.btcusdt', 'error:handler not found,topic:tickers.btcusdt'],
    ['kline.7.BTCUSDT', 'error:handler not found,topic:kline.7.BTCUSDT'],
    ['kline.BTCUSDT', 'error:handler not found,topic:kline.BTCUSDT'],
    ['orderbook.30.BTCUSDT', 'error:handler not found,topic:orderbook.30.BTCUSDT'],
    ['order', 'error:handler not found,topic:order'],
  ])('refuses %s', async (topic, reason) => {
    const stream = await client();
    expect(await stream.ask({ req_id: '3', op: 'subscribe', args: [topic] })).toMatchObject({
      success: false,
      ret_msg: reason,
      op: 'subscribe',
      req_id: '3',
    });
    expect(await stream.subscribe('tickers.BTCUSDT')).toMatchObject({ success: true });
  });

  it('refuses the whole request for one bad topic and names the first', async () => {
    const stream = await client();
    const topics = ['tickers.BTCUSDT', 'tickers.NOPEUSDT', 'tickers.NOUSDT'];
    expect((await stream.subscribe(...topics)).ret_msg).toBe('Invalid symbol :[tickers.NOPEUSDT]');
    // were BTCUSDT subscribed, this would be refused as a duplicate
    expect((await stream.subscribe('tickers.BTCUSDT')).success).toBe(true);
  });

  it('refuses a duplicate while the first goes on', async () => {
    const simulator = await start({ speed: 1, tickerIntervalMs: 50 });
    const stream = await connect(simulator);
    await stream.subscribe('tickers.BTCUSDT');
    expect(await stream.subscribe('tickers.BTCUSDT')).toMatchObject({
      success: false,
      ret_msg: 'error:already subscribed,topic:tickers.BTCUSDT',
    });
    const sofar = stream.of('tickers.BTCUSDT').length;
    await stream.until(() => stream.of('tickers.BTCUSDT').length > sofar + 2);
    expect((await stream.subscribe('tickers.ETHUSDT', 'tickers.ETHUSDT')).ret_msg).toContain(
      'already subscribed',
    );
  });

  it('takes topics of 21,000 characters a connection', async () => {
    const simulator = await start({ pairs: 250 });
    const stream = await connect(simulator);
    const topics = ['1', '5', '15', '60', '240', 'D'].flatMap((interval) =>
      simulator.truth.symbols().map((symbol) => `kline.${interval}.${symbol}`),
    );
    let chars = 0;
    let answer;
    for (let i = 0; i < topics.length; i += 10) {
      const args = topics.slice(i, i + 10);
      chars += args.join('').length;
      answer = await stream.subscribe(...args);
      if (chars > 21_000) break;
      expect(answer.success).toBe(true);
    }
    expect(answer).toMatchObject({ success: false, ret_msg: 'error:args length >21000' });
    expect((await (await connect(simulator)).subscribe('tickers.BTCUSDT')).success).toBe(true);
  });
});

describe('other requests', () => {
  it('answers a ping, op unchanged', async () => {
    const simulator = await start();
    const stream = await connect(simulator);
    const pong = await stream.ask({ req_id: '100001', op: 'ping' });
    expect(pong).toMatchObject({ success: true, ret_msg: 'pong', op: 'ping', req_id: '100001' });
    stream.socket.ping();
    await new Promise((resolve) => stream.socket.once('pong', resolve));
    expect(simulator.stream.stats.snapshot().pings).toEqual({ op: 1, protocol: 1 });
  });

  it('ends a subscription, also one that never was', async () => {
    const simulator = await start({ klineIntervalMs: 50 });
    const stream = await connect(simulator);
    await stream.subscribe('kline.5.BTCUSDT', 'kline.5.ETHUSDT');
    const answer = await stream.ask({
      op: 'unsubscribe',
      args: ['kline.5.BTCUSDT', 'tickers.BTCUSDT'],
      req_id: '3',
    });
    expect(answer).toMatchObject({ success: true, ret_msg: '', op: 'unsubscribe', req_id: '3' });
    const before = stream.of('kline.5.BTCUSDT').length;
    const others = stream.of('kline.5.ETHUSDT').length;
    await stream.until(() => stream.of('kline.5.ETHUSDT').length > others + 3);
    expect(stream.of('kline.5.BTCUSDT').length).toBe(before);
    expect((await stream.subscribe('kline.5.BTCUSDT')).success).toBe(true);
  });

  it.each([
    ['{"op":"auth"}', 'error:invalid op'],
    ['hello', 'Failed to decode incoming data:readObjectStart: expect { or n, but found h, '],
    ['[1]', 'Failed to decode incoming data:readObjectStart: expect { or n, but found [, '],
    ['{"op":', 'Failed to decode incoming data:'],
    ['{"op":1}', 'Failed to decode incoming data:'],
    ['{"op":"subscribe","args":[5]}', 'Failed to decode incoming data:'],
  ])('refuses %s and stays open', async (text, reason) => {
    const stream = await client();
    stream.send(text);
    const answer = await stream.next(({ success }) => success === false);
    expect(answer.ret_msg?.startsWith(reason)).toBe(true);
    expect((await stream.ask({ op: 'ping' })).success).toBe(true);
  });

  it('refuses other paths', async () => {
    const simulator = await start();
    const stream = await connect({ ...simulator, wsUrl: `${simulator.wsUrl}/x` });
    expect(stream.closeCode).toBe(1006);
    expect(simulator.stream.stats.snapshot().attempts).toEqual([]);
  });
});

describe('quirks of answers', () => {
  it('streamUnknownSymbol: handler-not-found', async () => {
    const stream = await client({ streamUnknownSymbol: 'handler-not-found' });
    expect((await stream.subscribe('tickers.NOPEUSDT')).ret_msg).toBe(
      'error:handler not found,topic:tickers.NOPEUSDT',
    );
  });

  it('streamConnId: uuid', async () => {
    const stream = await client({ streamConnId: 'uuid' });
    expect((await stream.ask({ op: 'ping' })).conn_id).toMatch(UUID);
  });

  it('streamReqId: absent or empty when none was sent', async () => {
    const simulator = await start();
    const stream = await connect(simulator);
    expect(await stream.subscribe('tickers.BTCUSDT')).not.toHaveProperty('req_id');
    simulator.control.setQuirks({ streamReqId: 'empty' });
    expect((await stream.subscribe('tickers.ETHUSDT')).req_id).toBe('');
  });

  it('streamUnsubscribeMsg: unsubscribe', async () => {
    const stream = await client({ streamUnsubscribeMsg: 'unsubscribe' });
    expect((await stream.ask({ op: 'unsubscribe', args: [] })).ret_msg).toBe('unsubscribe');
  });

  it('streamRefusal: partial subscribes the good topics', async () => {
    const stream = await client({ streamRefusal: 'partial' });
    const answer = await stream.subscribe('tickers.NOPEUSDT', 'tickers.BTCUSDT');
    expect(answer).toMatchObject({ success: false, ret_msg: 'Invalid symbol :[tickers.NOPEUSDT]' });
    await stream.next(({ topic }) => topic === 'tickers.BTCUSDT');
  });

  it('streamArgsCount: json counts quotes and commas', async () => {
    const simulator = await start({ pairs: 250 });
    const stream = await connect(simulator);
    const topics = ['1', '3', '5', '15', '60', '240', 'D'].flatMap((interval) =>
      simulator.truth.symbols().map((symbol) => `kline.${interval}.${symbol}`),
    );
    // as many as fit when quotes and commas do not count
    let fit = 0;
    for (let chars = 0; chars <= 20_800; fit++) chars += (topics[fit] as string).length;
    fit -= fit % 10;
    const lastAnswer = async (of: StreamClient) => {
      let last;
      for (let i = 0; i < fit; i += 10) last = await of.subscribe(...topics.slice(i, i + 10));
      return last;
    };
    expect((await lastAnswer(stream))?.success).toBe(true);
    simulator.control.setQuirks({ streamArgsCount: 'json' });
    expect((await lastAnswer(await connect(simulator)))?.success).toBe(false);
  });

  it('streamDataBeforeAck: the first frames come before the acknowledgement', async () => {
    const stream = await client({ streamDataBeforeAck: true });
    await stream.subscribe('tickers.BTCUSDT', 'kline.5.BTCUSDT');
    expect(stream.messages.map(({ topic, op }) => topic ?? op).slice(0, 3)).toEqual([
      'tickers.BTCUSDT',
      'kline.5.BTCUSDT',
      'subscribe',
    ]);
  });

  it('streamIdleMs: a connection without pings and data is cut, others are not', async () => {
    const simulator = await start({ speed: 1, quirks: { streamIdleMs: 300 } });
    const [idle, busy] = [await connect(simulator), await connect(simulator)];
    await busy.subscribe('tickers.BTCUSDT');
    expect(await idle.closed()).toBe(1006);
    const sofar = busy.messages.length;
    await busy.until(() => busy.messages.length > sofar + 2);
    expect(busy.closeCode).toBeUndefined();
  });

  it('streamDeflate: compresses for those who offer it', async () => {
    const simulator = await start();
    const plain = await connect(simulator, true);
    simulator.control.setQuirks({ streamDeflate: true });
    const [willing, unwilling] = [await connect(simulator, true), await connect(simulator, false)];
    const extensions = [plain, willing, unwilling].map(({ socket }) => socket.extensions);
    expect(extensions).toEqual(['', expect.stringContaining('permessage-deflate'), '']);
    await willing.subscribe('tickers.BTCUSDT');
    await willing.next(({ topic }) => topic === 'tickers.BTCUSDT');
  });
});
