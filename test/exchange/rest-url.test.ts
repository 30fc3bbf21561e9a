import { describe, expect, test } from 'vitest';
import { WrongUse } from '../../domain/failure.js';
import { openCcxtSession } from '../../exchange/ccxt-session.js';
import { restBaseUrl } from '../../exchange/rest-url.js';
import { SERVER_TIME, klines } from './envelopes.js';
import { always } from './scripted-server.js';
import { venueAgainst } from './venue-under-test.js';

/** The addresses that ccxt asks for, without a network. */
async function addressesOf(restUrl: string): Promise<string[]> {
  const urls: string[] = [];
  const session = await openCcxtSession({
    restUrl: restBaseUrl(restUrl),
    get: (url) => {
      urls.push(url);
      return Promise.resolve({ status: 200, headers: {}, body: SERVER_TIME });
    },
  });
  await session.publicGetV5MarketTime({});
  await session.publicGetV5MarketInstrumentsInfo({ category: 'spot' });
  await session.publicGetV5MarketTickers({ category: 'spot' });
  await session.publicGetV5MarketKline({ category: 'spot', symbol: 'BTCUSDT', limit: 5 });
  return urls;
}

test.each([
  ['main', 'https://api.bybit.com', 'https://api.bybit.com'],
  ['testnet', 'https://api-testnet.bybit.com', 'https://api-testnet.bybit.com'],
  ['override', 'http://127.0.0.1:8099/', 'http://127.0.0.1:8099'],
  ['override with a path', 'https://proxy.example/bybit/', 'https://proxy.example/bybit'],
])('%s', async (_name, restUrl, base) => {
  expect(await addressesOf(restUrl)).toEqual([
    `${base}/v5/market/time`,
    `${base}/v5/market/instruments-info?category=spot`,
    `${base}/v5/market/tickers?category=spot`,
    `${base}/v5/market/kline?category=spot&symbol=BTCUSDT&limit=5`,
  ]);
});

describe('what is no base URL', () => {
  test.each(['', 'api.bybit.com', 'ftp://api.bybit.com', 'wss://stream.bybit.com'])(
    '%j',
    (text) => {
      expect(() => restBaseUrl(text)).toThrow(WrongUse);
    },
  );

  test('one with a password, which the message does not show', () => {
    expect(() => restBaseUrl('https://me:hunter2@proxy.example/?a=1')).toThrow(
      /^the REST URL of ByBit must be a host and a path only, like https:\/\/proxy.example$/,
    );
  });
});

describe('a page asks for its window', () => {
  const hour = 3_600_000;
  const from = 1_683_460_800_000;

  test('with both ends, the last one inclusive', async () => {
    const { page, server } = await venueAgainst(always(200, klines()));
    await page();
    expect(server.requests).toEqual([
      `/v5/market/kline?category=spot&symbol=BTCUSDT&interval=60&start=${from}` +
        `&end=${from + 2 * hour}&limit=3`,
    ]);
  });

  test.each([
    ['5m', '5', 300_000],
    ['15m', '15', 900_000],
    ['1h', '60', hour],
    ['4h', '240', 4 * hour],
    ['1d', 'D', 24 * hour],
  ] as const)('%s', async (timeframe, interval, length) => {
    const { venue, server } = await venueAgainst(always(200, klines([], 'A%2FB')));
    const fromMs = 1_683_417_600_000;
    const window = { fromMs, toMs: fromMs + 1000 * length };
    await venue.candles({ symbol: 'A%2FB', timeframe }, window, { budgetClass: 'upkeep' });
    expect(server.requests).toEqual([
      `/v5/market/kline?category=spot&symbol=A%252FB&interval=${interval}&start=${fromMs}` +
        `&end=${fromMs + 999 * length}&limit=1000`,
    ]);
  });

  test.each([
    ['off the grid', from + 1, from + hour + 1],
    ['empty', from, from],
    ['more than a page', from, from + 1001 * hour],
  ])('a window %s is refused before anything is sent', async (_name, fromMs, toMs) => {
    const { venue, server } = await venueAgainst(always(200, klines()));
    const series = { symbol: 'BTCUSDT', timeframe: '1h' } as const;
    await expect(
      venue.candles(series, { fromMs, toMs }, { budgetClass: 'backfill' }),
    ).rejects.toThrow(RangeError);
    expect(server.requests).toEqual([]);
  });
});
