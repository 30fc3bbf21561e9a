import type { Redis } from 'ioredis';
import { reasonOf, ServerAway } from '../domain/failure.js';
import { TICKER_FIELDS, tickerKey, type TickerHash } from './ticker-hash.js';

/**
 * The tickers of these symbols, in one round trip.
 *
 * @returns one entry a symbol in the order asked for; undefined: none is in the cache
 * @throws ServerAway
 */
export async function readTickers(
  redis: Pick<Redis, 'pipeline'>,
  symbols: readonly string[],
): Promise<readonly (TickerHash | undefined)[]> {
  const pipeline = redis.pipeline();
  for (const symbol of symbols) pipeline.hmget(tickerKey(symbol), ...TICKER_FIELDS);
  try {
    const replies = (await pipeline.exec()) ?? [];
    return replies.map(([error, values]) => {
      if (error !== null) throw error;
      return hashOf(values as readonly (string | null)[]);
    });
  } catch (error) {
    throw new ServerAway(
      `Redis did not give the tickers (${reasonOf(error)}): start it, or correct REDIS_HOST and REDIS_PORT`,
      { cause: error },
    );
  }
}

function hashOf(values: readonly (string | null)[]): TickerHash | undefined {
  if (values.includes(null)) return undefined;
  return Object.fromEntries(TICKER_FIELDS.map((name, i) => [name, values[i]])) as TickerHash;
}
