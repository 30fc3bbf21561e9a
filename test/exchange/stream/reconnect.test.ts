import { createServer, type Server, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { reconnectWaitMs } from '../../../domain/reconnect.js';
import { until } from '../../stack/until.js';
import { SCALE, openFeed } from './feed-under-test.js';
import { ScriptedStream } from './scripted-stream.js';

const SYMBOLS = ['ETHUSDT'];

/** What a busy machine may add to a wait, ms; less than the shortest wait when nothing scales it. */
const SLACK_MS = 4_000;

/** Attempts of the schedule as the feed asks for them, beside the scaled wait. */
function recordedSchedule() {
  const asked: (readonly [attempt: number, chance: number])[] = [];
  return {
    asked,
    reconnectWaitMs: (attempt: number, chance: number) => {
      asked.push([attempt, chance]);
      return reconnectWaitMs(attempt, chance) / SCALE;
    },
  };
}

function gaps(timesMs: readonly number[]): number[] {
  return timesMs.slice(1).map((timeMs, i) => timeMs - (timesMs[i] ?? NaN));
}

function expectWaits(measured: readonly number[], waits: readonly number[]): void {
  expect(measured).toHaveLength(waits.length);
  for (const [i, wait] of waits.entries()) {
    expect(measured[i]).toBeGreaterThanOrEqual(wait - 2);
    expect(measured[i]).toBeLessThan(wait + SLACK_MS);
  }
}

describe('the schedule', () => {
  test('an outage of 3 minutes: 5, 10, 20, 40, 60, 60 s apart, then everything resumes', async () => {
    const venue = await ScriptedStream.start();
    venue.flow('BTCUSDT', 5);
    const { asked, reconnectWaitMs: wait } = recordedSchedule();
    const setup = { url: venue.url, symbols: SYMBOLS, timing: { reconnectWaitMs: wait } };
    const { feed, told, heard } = openFeed(setup);
    await heard('live');
    const outageMs = performance.now();
    // three minutes of waits: five attempts in vain
    const inVain = venue.attemptsMs.length + 5;
    Object.defineProperty(venue.script, 'refuse', {
      get: () => (venue.attemptsMs.length <= inVain ? 503 : undefined),
    });
    venue.drop();
    await until(
      'an attempt in vain',
      () => feed.status().connections[0]?.lastError === 'HTTP 503 on connecting' || undefined,
    );
    await heard('live', 2);
    const [, ...attempts] = venue.attemptsMs;
    expectWaits(gaps([outageMs, ...attempts]), [50, 100, 200, 400, 600, 600]);
    expect(asked).toEqual([1, 2, 3, 4, 5, 6].map((attempt) => [attempt, 0.5]));
    expect(told.events.map((event) => Object.keys(event)[0])).toEqual(['live', 'lost', 'live']);
    expect(feed.status()).toMatchObject({ reconnects: 1, connections: [{ attempts: 0 }] });

    // it begins anew
    venue.drop();
    await heard('live', 3);
    expect(asked.at(-1)).toEqual([1, 0.5]);
  });

  test('the first attempt does not wait; the next ones do by the schedule', async () => {
    const venue = await ScriptedStream.start({ refuse: 403 });
    const startMs = performance.now();
    const { feed } = openFeed({ url: venue.url, symbols: SYMBOLS });
    await until('four attempts', () => venue.attemptsMs.length >= 4 || undefined);
    expectWaits(gaps([startMs, ...venue.attemptsMs.slice(0, 4)]), [0, 50, 100, 200]);
    expect(feed.status().connections[0]?.lastError).toBe('HTTP 403 on connecting');
  });

  test('jitter comes from the random source', async () => {
    const venue = await ScriptedStream.start({ refuse: 502 });
    const { asked, reconnectWaitMs: wait } = recordedSchedule();
    const chances = [0, 0.999, 0.25];
    openFeed({
      url: venue.url,
      symbols: SYMBOLS,
      timing: { reconnectWaitMs: wait },
      random: () => chances[asked.length] ?? 0.5,
    });
    await until('four attempts', () => venue.attemptsMs.length >= 4 || undefined);
    expect(asked.slice(0, 3)).toEqual([
      [1, 0],
      [2, 0.999],
      [3, 0.25],
    ]);
    expectWaits(gaps(venue.attemptsMs.slice(0, 4)), [45, 109.98, 190]);
  });

  test.each([
    ['accepts and drops', false, false],
    ['sends one frame and drops', true, false],
    ['answers, sends nothing, and drops', false, true],
  ])('a venue that %s is asked less and less often', async (_name, data, answers) => {
    const venue = await ScriptedStream.start({
      subscribe: (client, request) => {
        if (data) client.send('{"topic":"tickers.BTCUSDT","ts":1786538700001,"data":{}}');
        if (answers) {
          client.send({ success: true, ret_msg: '', op: 'subscribe', req_id: request.id });
        }
        client.socket.close();
      },
    });
    const { asked, reconnectWaitMs: wait } = recordedSchedule();
    const setup = { url: venue.url, symbols: SYMBOLS, timing: { reconnectWaitMs: wait } };
    const { told, feed } = openFeed(setup);
    await until('four waits', () => asked.length >= 4 || undefined);
    expect(asked.slice(0, 4).map(([attempt]) => attempt)).toEqual([1, 2, 3, 4]);
    expect(told.events).toEqual([]);
    expect(feed.status().connections[0]?.lastError).toBe('the venue closed the connection (1005)');
  });

  test('connections lost together come back each by its own chance', async () => {
    const venue = await ScriptedStream.start();
    venue.flow('BTCUSDT', 5);
    const { asked, reconnectWaitMs: wait } = recordedSchedule();
    const symbols = Array.from({ length: 400 }, (_, i) => `SYM${String(i).padStart(4, '0')}USDT`);
    let chance = 0;
    const { feed, told, heard } = openFeed({
      url: venue.url,
      symbols,
      timing: { reconnectWaitMs: wait },
      random: () => (chance += 0.1),
    });
    await heard('live', 3);
    venue.drop();
    await heard('live', 6);
    expect(asked.map(([attempt]) => attempt)).toEqual([1, 1, 1]);
    expect(new Set(asked.map(([, drawn]) => drawn)).size).toBe(3);
    expect(told.count('lost')).toBe(3);
    expect(feed.status().reconnects).toBe(3);
  });

  test('one connection dropped leaves the others alone', async () => {
    const venue = await ScriptedStream.start();
    venue.flow('BTCUSDT', 5);
    const symbols = Array.from({ length: 200 }, (_, i) => `SYM${String(i).padStart(4, '0')}USDT`);
    const { told, heard } = openFeed({ url: venue.url, symbols });
    await heard('live', 2);
    venue.clients[0]?.socket.terminate();
    await heard('live', 3);
    expect(told.count('lost')).toBe(1);
    expect(venue.clients).toHaveLength(3);
    expect(venue.clients[1]?.closeCode).toBeUndefined();
  });
});

describe('a dead link', () => {
  test('silence with pongs: data counts, pongs do not', async () => {
    const venue = await ScriptedStream.start();
    const { told, feed, heard } = openFeed({
      url: venue.url,
      symbols: SYMBOLS,
      timing: { pingIntervalMs: 30, silenceLimitMs: 400 },
    });
    await until('subscribed', () => venue.clients[0]?.topics.size === 7 || undefined);
    await heard('live');
    const liveMs = performance.now();
    await heard('lost');
    expect(performance.now() - liveMs).toBeGreaterThan(300);
    expect(venue.clients[0]?.pings).toBeGreaterThan(3);
    expect(told.events[1]).toMatchObject({ reason: 'no data for 0.4 s' });
    await heard('live', 2);
    expect(feed.status().reconnects).toBe(1);
  });

  test('data within the limit keeps the connection, also when pairs are quiet', async () => {
    const venue = await ScriptedStream.start();
    venue.flow('BTCUSDT', 40);
    const timing = { connectTimeoutMs: 1000, pingIntervalMs: 30, silenceLimitMs: 1_000 };
    const { told, feed } = openFeed({ url: venue.url, symbols: SYMBOLS, timing });
    await until('some time', () => feed.status().messages > 60 || undefined);
    expect(told.events.map((event) => Object.keys(event)[0])).toEqual(['live']);
    expect(told.tickers).toHaveLength(1);
  });

  test('a half-open socket: nothing comes and nothing is read any more', async () => {
    const venue = await ScriptedStream.start();
    venue.flow('BTCUSDT', 5);
    const timing = { pingIntervalMs: 20, silenceLimitMs: 400 };
    const { told, heard } = openFeed({ url: venue.url, symbols: SYMBOLS, timing });
    await heard('live');
    const dead = venue.client;
    dead.topics.clear();
    dead.socket.pause();
    await heard('live', 2);
    expect(told.events[1]).toMatchObject({ reason: 'no data for 0.4 s' });
    dead.socket.resume();
    await until('cut', () => dead.closeCode);
    expect(dead.closeCode).toBe(1006);
  });

  test('an answer that never comes', async () => {
    let silent = true;
    const venue = await ScriptedStream.start({
      subscribe: (client, request) => {
        if (request.id === '2' && silent) return;
        client.accept(request);
      },
    });
    venue.flow('BTCUSDT', 5);
    const { told, feed, heard } = openFeed({
      url: venue.url,
      symbols: ['BTCUSDT', 'ETHUSDT'],
      timing: { ackTimeoutMs: 200 },
    });
    await until('a second attempt', () => venue.clients.length >= 2 || undefined);
    expect(feed.status().connections[0]?.lastError).toBe(
      'no answer to a subscription within 0.2 s',
    );
    expect(told.events).toEqual([]);
    silent = false;
    await heard('live');
    expect(told.count('lost')).toBe(0);
  });

  test('an upgrade that never comes', async () => {
    const venue = await ScriptedStream.start({ refuse: 'never' });
    const timing = { connectTimeoutMs: 100 };
    const { feed, heard } = openFeed({ url: venue.url, symbols: SYMBOLS, timing });
    await until('two attempts', () => venue.attemptsMs.length >= 2 || undefined);
    expect(feed.status().connections[0]).toMatchObject({
      lastError: 'no connection within 0.1 s',
    });
    venue.script.refuse = undefined;
    await heard('live');
  });
});

async function rawServer(serve: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

describe('why there is no connection, in one line', () => {
  async function reasonAt(url: string): Promise<string> {
    const { feed } = openFeed({ url, symbols: SYMBOLS, timing: { connectTimeoutMs: 5000 } });
    return until('a reason', () => feed.status().connections[0]?.lastError);
  }

  test('refused', async () => {
    expect(await reasonAt('ws://127.0.0.1:1')).toBe('connect ECONNREFUSED 127.0.0.1:1');
  });

  test('refused at every address', async () => {
    expect(await reasonAt('ws://localhost:1')).toMatch(/^connect ECONNREFUSED \S+:1$/);
  });

  test('a name that does not exist', async () => {
    expect(await reasonAt('wss://bybit.invalid')).toMatch(/^getaddrinfo \w+ bybit.invalid$/);
  });

  test('not TLS', async () => {
    const port = await rawServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await reasonAt(`wss://127.0.0.1:${port}`)).toBe('TLS: wrong version number');
  });

  test('not HTTP', async () => {
    const port = await rawServer((socket) => socket.end('220 smtp ready\r\n'));
    expect(await reasonAt(`ws://127.0.0.1:${port}`)).toMatch(/^Parse Error/);
  });

  test('HTTP without the upgrade', async () => {
    const port = await rawServer((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'),
    );
    expect(await reasonAt(`ws://127.0.0.1:${port}`)).toBe('HTTP 200 on connecting');
  });

  test('cut off', async () => {
    const port = await rawServer((socket) => socket.resetAndDestroy());
    expect(await reasonAt(`ws://127.0.0.1:${port}`)).toMatch(/ECONNRESET|socket hang up/);
  });
});
