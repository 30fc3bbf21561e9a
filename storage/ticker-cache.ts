import type { LiveCandle } from '../domain/live-candle.js';
import type { Ticker, TickerCache, TickerWrite } from '../domain/ticker.js';
import type { RedisScript } from './redis-script.js';
import { fencedScript, StreamLease, type StreamLeaseOptions } from './stream-lease.js';
import { TICKER_FIELDS, tickerHash, tickerKey, type TickerHash } from './ticker-hash.js';

/** A ticker that nobody renews is gone after this time, s. */
const TICKER_TTL_S = 60;

/** Most tickers or candles in one call, so that Redis is never held up for longer than a few ms. */
const BATCH = 200;

const SET_FIELDS = TICKER_FIELDS.map((name, i) => `'${name}', ARGV[at + ${i}]`).join(', ');

/** Whatever else stands at a key of ours gives way, or it would hold up all tickers beside it. */
const SET_HASH = `local reply = redis.pcall('HSET', KEYS[i], ${SET_FIELDS})
  if type(reply) == 'table' and reply.err then
    if not string.find(reply.err, 'WRONGTYPE', 1, true) then return reply end
    redis.call('DEL', KEYS[i])
    redis.call('HSET', KEYS[i], ${SET_FIELDS})
  end
  redis.call('EXPIRE', KEYS[i], ${TICKER_TTL_S})`;

/** One ticker a key: its fields, and last what is published. */
const WRITE = fencedScript(`for i = 2, #KEYS do
  local at = first_value + (i - 2) * ${TICKER_FIELDS.length + 1}
  ${SET_HASH}
  redis.call('PUBLISH', KEYS[i], ARGV[at + ${TICKER_FIELDS.length}])
end
`);

/** One ticker a key: its fields. */
const RENEW = fencedScript(`for i = 2, #KEYS do
  local at = first_value + (i - 2) * ${TICKER_FIELDS.length}
  ${SET_HASH}
end
`);

/** Channel and message in turn. */
const PUBLISH = fencedScript(`for at = first_value, #ARGV, 2 do
  redis.call('PUBLISH', ARGV[at], ARGV[at + 1])
end
`);

/**
 * The live tickers and the closed candles in Redis, for one attempt of one stream. Channels are
 * common to all databases of a Redis server: installations that share one hear each other's.
 */
export class RedisTickerCache implements TickerCache {
  readonly #lease: StreamLease;

  constructor(options: StreamLeaseOptions) {
    this.#lease = new StreamLease(options);
  }

  write(tickers: readonly Ticker[]): Promise<TickerWrite> {
    return this.#store(WRITE, tickers, (ticker) => {
      const hash = tickerHash(ticker);
      return [...fieldsOf(hash), JSON.stringify(hash)];
    });
  }

  renew(tickers: readonly Ticker[]): Promise<TickerWrite> {
    return this.#store(RENEW, tickers, (ticker) => fieldsOf(tickerHash(ticker)));
  }

  /**
   * Publishes candles on `candle:SYMBOL:TIMEFRAME` as JSON with their open time as ISO text.
   *
   * @throws ServerAway when Redis does not answer: nothing, or a part, was published
   */
  publishClosedCandles(candles: readonly LiveCandle[]): Promise<TickerWrite> {
    return this.#inBatches(candles, (batch) =>
      this.#lease.run(
        PUBLISH,
        [],
        batch.flatMap((candle) => [
          `candle:${candle.symbol}:${candle.timeframe}`,
          candleMessage(candle),
        ]),
      ),
    );
  }

  release(): Promise<void> {
    return this.#lease.release();
  }

  #store(
    script: RedisScript,
    tickers: readonly Ticker[],
    values: (ticker: Ticker) => string[],
  ): Promise<TickerWrite> {
    return this.#inBatches(tickers, (batch) =>
      this.#lease.run(
        script,
        batch.map(({ symbol }) => tickerKey(symbol)),
        batch.flatMap(values),
      ),
    );
  }

  /** All batches are on their way at once; Redis takes them in turn, others' commands between. */
  async #inBatches<T>(
    items: readonly T[],
    run: (batch: readonly T[]) => Promise<TickerWrite>,
  ): Promise<TickerWrite> {
    const replies: Promise<TickerWrite>[] = [];
    for (let from = 0; from < items.length; from += BATCH) {
      replies.push(run(items.slice(from, from + BATCH)));
    }
    return (await Promise.all(replies)).includes('superseded') ? 'superseded' : 'stored';
  }
}

/** In the order in which the scripts name them. */
function fieldsOf(hash: TickerHash): string[] {
  return TICKER_FIELDS.map((name) => hash[name]);
}

/** `turnover` is null where the venue gave none: JSON has no NaN. */
function candleMessage(candle: LiveCandle): string {
  const { symbol, timeframe, open, high, low, close, volume, turnover } = candle;
  const timestamp = new Date(candle.openTimeMs).toISOString();
  return JSON.stringify({
    ...{ symbol, timeframe, timestamp, open, high, low, close, volume, turnover },
  });
}
