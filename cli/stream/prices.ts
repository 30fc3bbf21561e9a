import type { Redis } from 'ioredis';
import { reasonOf } from '../../domain/failure.js';
import type { RedisConfig } from '../../runtime/config.js';
import { readTickers } from '../../storage/read-tickers.js';
import { connectRedis, pingRedis } from '../../storage/redis.js';
import type { TickerHash } from '../../storage/ticker-hash.js';

/** By symbol; pairs without a ticker in the cache are left out. */
export type Tickers = ReadonlyMap<string, TickerHash>;

/** What is known of the prices at a moment. */
export interface Prices {
  readonly tickers: Tickers;
  /** Why they cannot be read, in one line; undefined when they can. */
  readonly fault: string | undefined;
}

/** Where the live view takes its prices from. */
export interface PriceReader {
  /** Never fails: a view goes on without prices. */
  read(symbols: readonly string[]): Promise<Prices>;
  close(): void;
}

export const NO_PRICES: Prices = { tickers: new Map(), fault: undefined };

/** After a failure Redis is left alone for this long, ms. */
const RETRY_MS = 2_000;

/** Reads the live tickers; connects at the first question. */
export function openPrices(config: RedisConfig): PriceReader {
  let connecting: Promise<Redis> | undefined;
  let fault: string | undefined;
  let pausedUntilMs = 0;
  return {
    read: async (symbols) => {
      if (performance.now() < pausedUntilMs) return { tickers: new Map(), fault };
      try {
        connecting ??= connectRedis(config);
        const hashes = await readTickers(await connecting, symbols);
        return { tickers: bySymbol(hashes), fault: undefined };
      } catch (error) {
        pausedUntilMs = performance.now() + RETRY_MS;
        fault = `no prices: ${await causeOf(error, config)}`;
        return { tickers: new Map(), fault };
      }
    },
    close: () => void connecting?.then((redis) => redis.disconnect()),
  };
}

/** A new connection tells why the other one is not there, which its commands do not. */
async function causeOf(error: unknown, config: RedisConfig): Promise<string> {
  try {
    await pingRedis(config);
    return reasonOf(error);
  } catch (cause) {
    return reasonOf(cause);
  }
}

function bySymbol(hashes: readonly (TickerHash | undefined)[]): Tickers {
  const known = hashes.filter((hash) => hash !== undefined);
  return new Map(known.map((hash) => [hash.symbol, hash]));
}
