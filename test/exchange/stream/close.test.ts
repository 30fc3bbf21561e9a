import { describe, expect, test } from 'vitest';
import type { LiveCandle } from '../../../domain/live-candle.js';
import { until } from '../../stack/until.js';
import { openFeed, type FeedUnderTest } from './feed-under-test.js';
import { klineElement, klineFrame, tickerFrame } from './frames.js';
import { ScriptedStream } from './scripted-stream.js';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];

/** Timers of this process that are set now. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

/**
 * Shorter than what would otherwise end the wait: half a minute for the venue's goodbye, a minute until
 * the next attempt.
 */
const LIMIT_MS = 20_000;

/** Closes the feed and checks that it is quick, leaves no timer and tells nothing more. */
async function expectClosed({ feed, told }: FeedUnderTest): Promise<void> {
  const heardBefore = told.tickers.length + told.events.length;
  const startMs = performance.now();
  await feed.close();
  expect(performance.now() - startMs).toBeLessThan(LIMIT_MS);
  // the test runner has short ones of its own
  await until('no timer', () => timers() === 0 || undefined, LIMIT_MS);
  expect(told.tickers.length + told.events.length).toBe(heardBefore);
}

describe('closing', () => {
  test('while connecting', async () => {
    const venue = await ScriptedStream.start({ refuse: 'never' });
    const opened = openFeed({ url: venue.url, symbols: SYMBOLS });
    await until('an attempt', () => venue.attemptsMs.length === 1 || undefined);
    expect(opened.feed.status().connections).toMatchObject([{ state: 'connecting', attempts: 1 }]);
    await expectClosed(opened);
  });

  test('before anything has happened', async () => {
    const venue = await ScriptedStream.start();
    await expectClosed(openFeed({ url: venue.url, symbols: SYMBOLS }));
    expect(venue.openClients).toEqual([]);
  });

  test('while subscribing', async () => {
    const venue = await ScriptedStream.start({ subscribe: () => undefined });
    const opened = openFeed({ url: venue.url, symbols: SYMBOLS });
    await until('a request', () => venue.clients[0]?.requests.length);
    expect(opened.feed.status().connections).toMatchObject([{ state: 'subscribing' }]);
    await expectClosed(opened);
    expect(venue.client.closeCode).toBe(1000);
  });

  test('while live: with a closing handshake, and nothing is told afterwards', async () => {
    const venue = await ScriptedStream.start();
    const opened = openFeed({ url: venue.url, symbols: SYMBOLS });
    const flow = setInterval(() => {
      if (venue.clients.length > 0) venue.client.send(tickerFrame('BTCUSDT'));
    }, 1);
    await opened.heard('live');
    const closing = opened.feed.close();
    const heard = opened.told.tickers.length;
    await closing;
    clearInterval(flow);
    expect(opened.told.tickers).toHaveLength(heard);
    await expectClosed(opened);
    expect(venue.client.closeCode).toBe(1000);
  });

  test('while waiting', async () => {
    const venue = await ScriptedStream.start({ refuse: 503 });
    const opened = openFeed({
      url: venue.url,
      symbols: SYMBOLS,
      timing: { reconnectWaitMs: () => 60_000 },
    });
    await until('waiting', () =>
      opened.feed.status().connections[0]?.state === 'waiting' ? true : undefined,
    );
    await expectClosed(opened);
    expect(venue.attemptsMs).toHaveLength(1);
  });

  test('a venue that does not answer the goodbye is cut off', async () => {
    const venue = await ScriptedStream.start();
    const opened = openFeed({ url: venue.url, symbols: SYMBOLS });
    await until('subscribed', () => venue.clients[0]?.topics.size === 12 || undefined);
    venue.client.socket.pause();
    await expectClosed(opened);
    venue.client.socket.resume();
  });

  test('twice, and from within the listener', async () => {
    const venue = await ScriptedStream.start();
    venue.flow('BTCUSDT', 5);
    const closing: Promise<void>[] = [];
    const opened = openFeed({
      url: venue.url,
      symbols: SYMBOLS,
      listener: (told) =>
        Object.assign(told, {
          live: () => {
            closing.push(opened.feed.close(), opened.feed.close());
          },
        }),
    });
    await until('closing', () => closing.length === 2 || undefined);
    await Promise.all(closing);
    expect(venue.client.closeCode).toBe(1000);
    expect(venue.clients).toHaveLength(1);
    expect(opened.errors).toEqual([]);
  });

  test('in the middle of a frame', async () => {
    const venue = await ScriptedStream.start();
    venue.flow('BTCUSDT', 5);
    const candles: LiveCandle[] = [];
    const opened = openFeed({
      url: venue.url,
      symbols: SYMBOLS,
      listener: (told) =>
        Object.assign(told, {
          closedCandle: (candle: LiveCandle) => {
            candles.push(candle);
            void opened.feed.close();
          },
        }),
    });
    await opened.heard('live');
    venue.client.send(klineFrame('kline.5.ETHUSDT', [klineElement(), klineElement()]));
    await until('closed', () => venue.client.closeCode);
    expect(candles).toHaveLength(1);
  });

  test('a feed without symbols', async () => {
    const opened = openFeed({ url: 'ws://127.0.0.1:1', symbols: [] });
    expect(opened.feed.status().connections).toEqual([]);
    await expectClosed(opened);
  });
});
