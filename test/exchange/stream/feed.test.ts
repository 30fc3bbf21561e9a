import { describe, expect, test } from 'vitest';
import { WrongUse } from '../../../domain/failure.js';
import type { LiveFeedListener } from '../../../domain/live-feed.js';
import { createBybitFeed } from '../../../exchange/stream/bybit-feed.js';
import { argsLength } from '../../../exchange/stream/topics.js';
import { until } from '../../stack/until.js';
import { openFeed } from './feed-under-test.js';
import { START_MS, klineElement, klineFrame, tickerFrame } from './frames.js';
import { ScriptedStream, type StreamRequest } from './scripted-stream.js';

const KLINES = ['5', '15', '60', '240', 'D'];

function klinesOf(...symbols: string[]): string[] {
  return symbols.flatMap((symbol) => KLINES.map((interval) => `kline.${interval}.${symbol}`));
}

function manySymbols(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `SYM${String(i).padStart(4, '0')}USDT`);
}

describe('subscribing', () => {
  test('one symbol: the canary, its ticker and its klines, then live', async () => {
    const venue = await ScriptedStream.start();
    venue.flow('BTCUSDT', 10);
    const { feed, told, heard } = openFeed({ url: venue.url, symbols: ['ETHUSDT'] });
    await heard('live');
    const topics = ['tickers.BTCUSDT', 'tickers.ETHUSDT', ...klinesOf('ETHUSDT')];
    expect(venue.client.requests).toEqual([{ id: '1', op: 'subscribe', args: topics }]);
    expect(told.events).toMatchObject([{ live: klinesOf('ETHUSDT') }]);
    expect(feed.status()).toMatchObject({
      connections: [{ state: 'live', topics: 7, attempts: 0, lastError: undefined }],
      reconnects: 0,
      malformed: 0,
      refusedTopics: [],
    });
    expect(feed.status().connections[0]?.dataAgeMs).toBeLessThan(5000);
    expect(new Set(told.tickers.map(({ symbol }) => symbol))).toEqual(new Set(['ETHUSDT']));
  });

  test('many symbols: sharded, at most ten topics a request, a bounded number unanswered', async () => {
    const unanswered = new Map<unknown, number>();
    let most = 0;
    const venue = await ScriptedStream.start({
      subscribe: (client, request) => {
        const open = (unanswered.get(client) ?? 0) + 1;
        unanswered.set(client, open);
        most = Math.max(most, open);
        setTimeout(() => {
          unanswered.set(client, (unanswered.get(client) ?? 0) - 1);
          client.accept(request);
        }, 5);
      },
    });
    venue.flow('BTCUSDT', 10);
    const symbols = ['BTCUSDT', ...manySymbols(299)];
    const { feed, told, heard } = openFeed({ url: venue.url, symbols });
    await heard('live', 2);
    expect(venue.clients).toHaveLength(2);
    const requests = venue.clients.flatMap((client) => client.requests);
    expect(requests.length).toBeGreaterThan(100);
    for (const { args } of requests) expect(args.length).toBeLessThanOrEqual(10);
    for (const client of venue.clients) {
      expect(new Set(client.requests.map(({ id }) => id)).size).toBe(client.requests.length);
    }
    expect(most).toBe(10);
    for (const { topics } of venue.clients) {
      expect(argsLength([...topics])).toBeLessThan(21_000);
      expect(topics.has('tickers.BTCUSDT')).toBe(true);
    }
    const live = told.events.flatMap((event) => ('live' in event ? event.live : []));
    expect(live.sort()).toEqual(klinesOf(...symbols).sort());
    // carried by both, followed by one
    for (const client of venue.clients) {
      client.send(tickerFrame('BTCUSDT', { lastPrice: '7' }));
      const own = [...client.topics].find((topic) => topic.startsWith('tickers.SYM'));
      client.send(tickerFrame(own?.slice(8) ?? '', { lastPrice: '8' }));
    }
    const priced = (price: string) => told.tickers.filter(({ lastPrice }) => lastPrice === price);
    await until('both', () => priced('8').length === 2 || undefined);
    expect(priced('7')).toHaveLength(1);
    expect(feed.status().connections.map(({ state }) => state)).toEqual(['live', 'live']);
  });

  test.each([
    ['absent', { req_id: undefined }],
    ['empty', { req_id: '' }],
  ])('answers whose id is %s count in order', async (_name, answer) => {
    const venue = await ScriptedStream.start({
      subscribe: (client, request) => client.accept(request, answer),
    });
    venue.flow('BTCUSDT', 10);
    const { heard } = openFeed({ url: venue.url, symbols: manySymbols(20) });
    await heard('live');
  });

  test('live only with the data after the last answer, and with its time', async () => {
    const waiting: StreamRequest[] = [];
    const venue = await ScriptedStream.start({
      subscribe: (_client, request) => void waiting.push(request),
    });
    const { feed, told, heard } = openFeed({ url: venue.url, symbols: ['BTCUSDT', 'ETHUSDT'] });
    await until('both requests', () => waiting.length === 2 || undefined);
    const [first, second] = waiting;
    if (first === undefined || second === undefined) throw new Error('two requests');
    const ack = { success: true, ret_msg: 'subscribe', op: 'subscribe' };
    venue.client.send(tickerFrame('BTCUSDT', {}, START_MS + 1));
    venue.client.send({ ...ack, req_id: first.id });
    venue.client.send(tickerFrame('BTCUSDT', {}, START_MS + 2));
    venue.client.send({ ...ack, req_id: second.id });
    venue.client.send({ success: true, ret_msg: 'pong', op: 'ping' });
    await until('two tickers', () => told.tickers.length === 2 || undefined);
    await until('the answers', () => feed.status().messages === 5 || undefined);
    expect(told.events).toEqual([]);
    expect(feed.status().connections).toMatchObject([{ state: 'subscribing', attempts: 1 }]);
    venue.client.send(tickerFrame('BTCUSDT', {}, START_MS + 3));
    venue.client.send(tickerFrame('BTCUSDT', {}, START_MS + 4));
    await heard('live');
    expect(told.events).toMatchObject([{ venueTimeMs: START_MS + 3 }]);
  });

  test('a first ticker that is older than what came before does not make live earlier', async () => {
    const venue = await ScriptedStream.start({
      subscribe: (client, request) => {
        client.send(tickerFrame('BTCUSDT', {}, START_MS + 1000));
        client.send(tickerFrame('BTCUSDT', {}, START_MS + 1000));
        client.send({ success: true, ret_msg: 'subscribe', op: 'subscribe', req_id: request.id });
        client.send(tickerFrame('ETHUSDT', {}, START_MS));
        client.send(tickerFrame('BTCUSDT', {}, START_MS + 2000));
      },
    });
    const { told, heard } = openFeed({ url: venue.url, symbols: ['ETHUSDT'] });
    await heard('live');
    expect(told.events).toMatchObject([{ venueTimeMs: START_MS + 1000 }]);
  });
});

describe('refusals', () => {
  test.each([
    ['Invalid symbol :[%s]', true],
    ['error:handler not found,topic:%s', true],
    ['Invalid symbol :[%s]', false],
  ])('%s, request refused as a whole: %s', async (text, atomic) => {
    const venue = await ScriptedStream.start({
      subscribe: (client, request) => {
        const bad = request.args.find((topic) => topic.endsWith('.NOPEUSDT'));
        const twice = request.args.find((topic) => client.topics.has(topic));
        if (bad === undefined && twice === undefined) {
          client.accept(request);
          return;
        }
        if (!atomic) {
          const good = request.args.filter((topic) => !topic.endsWith('.NOPEUSDT'));
          for (const topic of good) client.topics.add(topic);
        }
        const already = `error:already subscribed,topic:${twice ?? ''}`;
        client.refuse(request, bad === undefined ? already : text.replace('%s', bad));
      },
    });
    venue.flow('BTCUSDT', 10);
    const { feed, told, heard } = openFeed({
      url: venue.url,
      symbols: ['BTCUSDT', 'NOPEUSDT', 'ETHUSDT'],
    });
    await heard('live');
    const refused = ['tickers.NOPEUSDT', ...klinesOf('NOPEUSDT')];
    expect([...told.refusedTopics].sort()).toEqual([...refused].sort());
    expect([...feed.status().refusedTopics].sort()).toEqual([...refused].sort());
    expect(told.events.at(-1)).toMatchObject({ live: klinesOf('BTCUSDT', 'ETHUSDT') });
    expect(venue.client.topics.size).toBe(12);
    expect(feed.status().connections).toMatchObject([{ topics: 12, attempts: 0 }]);

    // a new socket asks for all again, for it may have been the venue's fault; told is it once
    venue.drop();
    await heard('live', 2);
    expect(venue.client.topics.size).toBe(12);
    expect(venue.client.requests.flatMap(({ args }) => args)).toContain('tickers.NOPEUSDT');
    expect(feed.status().refusedTopics).toHaveLength(6);
    expect(told.count('refused')).toBe(6);
    expect(told.events).toContainEqual(
      expect.objectContaining({ lost: klinesOf('BTCUSDT', 'ETHUSDT') }),
    );
  });

  test('one kline of a symbol: its other series go live', async () => {
    const venue = await ScriptedStream.start({
      subscribe: (client, request) => {
        const bad = request.args.includes('kline.60.ETHUSDT');
        if (bad) client.refuse(request, 'no such thing');
        else client.accept(request);
      },
    });
    venue.flow('BTCUSDT', 10);
    const { told, heard } = openFeed({ url: venue.url, symbols: ['ETHUSDT'] });
    await heard('live');
    expect(told.events).toMatchObject([
      { refused: 'kline.60.ETHUSDT', reason: 'no such thing' },
      { live: klinesOf('ETHUSDT').filter((topic) => topic !== 'kline.60.ETHUSDT') },
    ]);
  });

  test('the canary: a warning once, and pongs do as the sign of life', async () => {
    const venue = await ScriptedStream.start({
      subscribe: (client, request) => {
        const bad = request.args.includes('tickers.BTCUSDT');
        if (bad) client.refuse(request, 'Invalid symbol :[tickers.BTCUSDT]');
        else client.accept(request);
      },
    });
    const { feed, told, warnings, heard } = openFeed({
      url: venue.url,
      symbols: manySymbols(300),
      timing: { pingIntervalMs: 30, silenceLimitMs: 600 },
    });
    await until('all requests', () => {
      const topics = venue.clients.reduce((sum, client) => sum + client.topics.size, 0);
      return topics === 1800 || undefined;
    });
    for (const client of venue.clients) {
      const followed = [...client.topics].find((topic) => topic.startsWith('tickers.'));
      for (let i = 0; i < 2; i++) client.send(tickerFrame(followed?.slice(8) ?? ''));
    }
    await heard('live', 2);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('refuses tickers.BTCUSDT');
    expect(told.refusedTopics).toEqual([]);
    expect(feed.status().refusedTopics).toEqual([]);
    // quiet for more than the limit, but answering
    await until('quiet', () => (feed.status().connections[0]?.dataAgeMs ?? 0) > 900 || undefined);
    expect(told.count('lost')).toBe(0);
    venue.script.ping = () => undefined;
    await heard('lost', 2);
    expect(told.events.at(-1)).toMatchObject({ reason: 'no data for 0.6 s' });
  });

  test.each([
    ['and the canary', /./],
    ['but the canary', /ETHUSDT/],
  ])(
    'every topic %s: asked again by the schedule, until the venue takes them',
    async (_name, refused) => {
      const venue = await ScriptedStream.start({
        subscribe: (client, request) => {
          const bad = request.args.filter((topic) => refused.test(topic));
          if (bad.length > 0) client.refuse(request, `Invalid symbol :[${bad.join(',')}]`);
          else client.accept(request);
        },
      });
      const { feed, told, heard } = openFeed({ url: venue.url, symbols: ['ETHUSDT'] });
      await heard('refused', 6);
      await until('closed', () => venue.clients[0]?.closeCode);
      expect(feed.status().connections).toMatchObject([
        { lastError: 'the venue refuses every topic' },
      ]);
      expect(told.count('live') + told.count('lost')).toBe(0);
      venue.flow('BTCUSDT', 10);
      venue.script.subscribe = (client, request) => client.accept(request);
      await heard('live');
      expect(feed.status().refusedTopics).toEqual([]);
      expect(told.count('refused')).toBe(6);
    },
  );

  test('everything without a name: the venue fails, and is asked again later', async () => {
    const venue = await ScriptedStream.start({
      subscribe: (client, request) => client.refuse(request, 'args size >10'),
    });
    venue.flow('BTCUSDT', 10);
    const { feed, told, heard } = openFeed({ url: venue.url, symbols: ['ETHUSDT'] });
    await until('a second attempt', () => venue.clients.length >= 2 || undefined);
    expect(venue.clients[0]?.requests.length).toBeLessThan(20);
    expect(feed.status().connections[0]?.lastError).toBe(
      'the venue refuses every subscription: args size >10',
    );
    expect(told.events).toEqual([]);
    venue.script.subscribe = (client, request) => client.accept(request);
    await heard('live');
  });
});

describe('telling', () => {
  test('the time of the venue never goes back, over all connections', async () => {
    const venue = await ScriptedStream.start();
    const { told, heard } = openFeed({ url: venue.url, symbols: manySymbols(200) });
    await until('two connections', () => venue.clients.length === 2 || undefined);
    venue.flow('BTCUSDT', 10);
    await heard('live', 2);
    const late = Math.max(...told.venueTimes) + 1_000_000;
    const [first, second] = venue.clients;
    for (let i = 0; i < 2; i++) first?.send(tickerFrame('BTCUSDT', {}, late));
    await until('it', () => told.venueTimes.at(-1) === late || undefined);
    second?.send(tickerFrame('BTCUSDT', {}, late - 1));
    for (let i = 0; i < 2; i++) second?.send(tickerFrame('BTCUSDT', {}, late + 1));
    await until('the next', () => told.venueTimes.at(-1) === late + 1 || undefined);
    expect(told.venueTimes).toEqual([...new Set(told.venueTimes)].sort((a, b) => a - b));
  });

  test('closed candles, and garbage between them', async () => {
    const venue = await ScriptedStream.start();
    venue.flow('BTCUSDT', 10);
    const { feed, told, heard } = openFeed({ url: venue.url, symbols: ['ETHUSDT'] });
    await heard('live');
    venue.client.send('{"topic":');
    venue.client.socket.send(Buffer.from([0xff, 0xfe, 0x00]));
    venue.client.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    venue.client.send(klineFrame('kline.5.ETHUSDT', [klineElement(), klineElement({ open: '' })]));
    await until('the candle', () => told.candles.length === 1 || undefined);
    expect(told.candles).toMatchObject([{ symbol: 'ETHUSDT', timeframe: '5m', open: 64104.5 }]);
    expect(feed.status().malformed).toBe(4);
    expect(told.count('lost')).toBe(0);
  });

  test('a frame beyond every measure ends the connection', async () => {
    const venue = await ScriptedStream.start();
    venue.flow('BTCUSDT', 10);
    const { told, heard } = openFeed({ url: venue.url, symbols: ['ETHUSDT'] });
    await heard('live');
    venue.client.send('x'.repeat(300_000));
    await heard('lost');
    expect(told.events.at(-1)).toMatchObject({ reason: 'Max payload size exceeded' });
    await heard('live', 2);
  });

  const THROWING: readonly (keyof LiveFeedListener)[] = [
    'ticker',
    'closedCandle',
    'venueTime',
    'live',
    'lost',
    'refused',
  ];

  test.each(THROWING)(
    'a listener that throws in %s is reported, and the feed mends itself',
    async (name) => {
      const fault = new Error('a bug');
      let throwing = false;
      const venue = await ScriptedStream.start({
        subscribe: (client, request) => {
          if (request.args.includes('kline.D.ETHUSDT') && throwing) {
            client.refuse(request, 'Invalid symbol :[kline.D.ETHUSDT]');
          } else client.accept(request);
        },
      });
      venue.flow('BTCUSDT', 10);
      const { told, errors, heard } = openFeed({
        url: venue.url,
        symbols: ['BTCUSDT', 'ETHUSDT'],
        listener: (recording) =>
          new Proxy(recording, {
            get: (target, property: keyof LiveFeedListener) => {
              if (property === name && throwing) {
                return () => {
                  throwing = false;
                  throw fault;
                };
              }
              return (target[property] as () => void).bind(target);
            },
          }),
      });
      await heard('live');
      throwing = true;
      if (name === 'closedCandle') {
        // what follows in the same chunk is of a connection that is lost already
        venue.client.sendTogether([
          klineFrame('kline.5.ETHUSDT', [klineElement()]),
          klineFrame('kline.15.ETHUSDT', [klineElement()]),
        ]);
      } else if (name !== 'ticker' && name !== 'venueTime') {
        venue.drop();
      }
      await heard('live', 2);
      expect(errors).toEqual([fault]);
      expect(told.candles).toEqual([]);
      expect(throwing).toBe(false);
      if (name === 'ticker') {
        expect(told.events[1]).toMatchObject({ reason: 'a frame could not be told: a bug' });
      }
    },
  );
});

test.each(['http://localhost', 'localhost', '', 'wss://user:secret@host/x', 'ws://host/#a'])(
  'the URL %j is refused at once',
  (wsUrl) => {
    expect(() => createBybitFeed({ wsUrl })).toThrow(WrongUse);
    expect(() => createBybitFeed({ wsUrl })).not.toThrow(/secret/);
  },
);
