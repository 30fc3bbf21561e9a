import { createServer } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { RetrySoon } from '../../domain/failure.js';
import { klines, SERVER_TIME } from './envelopes.js';
import { always } from './scripted-server.js';
import { thrownBy, venueAgainst } from './venue-under-test.js';

const TIMEOUT_MS = 150;

describe('an answer that never ends', () => {
  test('no headers', async () => {
    const { page, budget } = await venueAgainst(() => undefined, { requestTimeoutMs: TIMEOUT_MS });
    const error = await thrownBy(page());
    expect(error).toBeInstanceOf(RetrySoon);
    expect((error as Error).message).toContain('no whole answer within 0.15 s');
    expect(budget.settled).toEqual([1]);
  });

  test('no TLS handshake', async () => {
    const silent = createServer((socket) => void socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const { page, budget } = await venueAgainst(always(200, ''), {
      restUrl: `https://127.0.0.1:${port ?? 0}`,
      requestTimeoutMs: TIMEOUT_MS,
    });
    const error = await thrownBy(page());
    expect((error as Error).message).toContain('no whole answer within 0.15 s');
    expect(budget.settled).toEqual([1]);
    silent.close();
  });

  test('half a body', async () => {
    const { page, budget } = await venueAgainst(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write(klines().slice(0, 200));
      },
      { requestTimeoutMs: TIMEOUT_MS },
    );
    const error = await thrownBy(page());
    expect(error).toBeInstanceOf(RetrySoon);
    expect((error as Error).message).toContain('no whole answer within 0.15 s');
    expect(budget.settled).toEqual([1]);
  });

  test('a body that drips', async () => {
    const { page } = await venueAgainst(
      (_request, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      },
      { requestTimeoutMs: TIMEOUT_MS },
    );
    expect(await thrownBy(page())).toBeInstanceOf(RetrySoon);
  });

  test('the sockets of timed-out requests are given up', async () => {
    let hang = true;
    const { page, server } = await venueAgainst(
      (request, response) => {
        if (!hang) always(200, klines())(request, response);
      },
      // long enough for the good answer on a busy machine
      { requestTimeoutMs: 1000, maxInFlight: 2 },
    );
    await Promise.allSettled([page(), page(), page()]);
    hang = false;
    expect((await page()).candles.openTimeMs).toHaveLength(3);
    expect(server.requests).toHaveLength(4);
  });
});

describe('no answer', () => {
  test('refused', async () => {
    const { page, server, budget } = await venueAgainst(always(200, klines()));
    await server.close();
    const error = await thrownBy(page());
    expect(error).toBeInstanceOf(RetrySoon);
    expect((error as Error).message).toMatch(/kline BTCUSDT 1h: connect ECONNREFUSED/);
    expect(budget.settled).toEqual([1]);
  });

  test('reset', async () => {
    const { page, budget } = await venueAgainst((request) => request.socket.resetAndDestroy());
    expect(await thrownBy(page())).toBeInstanceOf(RetrySoon);
    expect(budget.settled).toEqual([1]);
  });

  test('cut off within the body', async () => {
    const { page, budget } = await venueAgainst((_request, response) => {
      response.writeHead(200, { 'content-length': '5000' });
      response.write(klines().slice(0, 200), () => response.socket?.end());
    });
    expect(await thrownBy(page())).toBeInstanceOf(RetrySoon);
    expect(budget.settled).toEqual([1]);
  });

  test('a name that does not exist', async () => {
    const restUrl = 'http://bybit.invalid';
    const { page, budget } = await venueAgainst(always(200, ''), { restUrl });
    expect(await thrownBy(page())).toBeInstanceOf(RetrySoon);
    expect(budget.settled).toEqual([1]);
  });

  test('not TLS, not HTTP', async () => {
    const garbled = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('220 smtp ready\r\n');
    });
    await new Promise<void>((resolve) => garbled.listen(0, '127.0.0.1', resolve));
    const address = garbled.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    for (const scheme of ['http', 'https']) {
      const restUrl = `${scheme}://127.0.0.1:${port ?? 0}`;
      const { page } = await venueAgainst(always(200, ''), { restUrl });
      expect(await thrownBy(page())).toBeInstanceOf(RetrySoon);
    }
    garbled.close();
  });
});

describe('compressed answers', () => {
  const body = Buffer.from(klines());

  test.each([
    ['gzip', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['br', brotliCompressSync(body)],
    ['identity', body],
    ['GZIP', gzipSync(body)],
  ])('%s', async (encoding, bytes) => {
    const { page } = await venueAgainst(always(200, bytes, { 'content-encoding': encoding }));
    expect((await page()).candles.openTimeMs).toHaveLength(3);
  });

  test.each([
    ['truncated', 'gzip', gzipSync(body).subarray(0, 60)],
    ['garbled', 'br', body],
    ['of an unknown kind', 'zstd', body],
  ])('%s', async (_name, encoding, bytes) => {
    const { page, budget } = await venueAgainst(
      always(200, bytes, { 'content-encoding': encoding }),
    );
    expect(await thrownBy(page())).toBeInstanceOf(RetrySoon);
    expect(budget.settled).toEqual([1]);
  });
});

test('sockets are kept for the next request', async () => {
  const { venue, server } = await venueAgainst(always(200, SERVER_TIME));
  for (let i = 0; i < 5; i++) await venue.serverTimeMs({ budgetClass: 'upkeep' });
  expect(server.requests).toHaveLength(5);
  expect(server.sockets()).toBeLessThan(5);
});

test('the venue never retries and follows no redirect', async () => {
  const { page, server } = await venueAgainst(always(301, '', { location: '/elsewhere' }));
  await thrownBy(page());
  expect(server.requests).toHaveLength(1);
});
