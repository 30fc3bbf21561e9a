import type { Redis } from 'ioredis';
import { z } from 'zod';
import { reasonOf, ServerAway } from '../domain/failure.js';
import type { Series } from '../domain/series.js';
import { readTickers } from '../storage/read-tickers.js';
import { TICKER_FIELDS, tickerKey, type TickerHash } from '../storage/ticker-hash.js';
import type { CandleSlice, TickerUpdate } from './api.js';

/** What is not published, expiry above all, is seen by reading all again, ms. */
const REFRESH_MS = 10_000;

const TICKERS = tickerKey('*');
const CANDLES = 'candle:*';

const tickerSchema = z.object(
  Object.fromEntries(TICKER_FIELDS.map((field) => [field, z.string()])) as Record<
    keyof TickerHash,
    z.ZodString
  >,
);

const candleSchema = z.object({
  timestamp: z.string().transform(Date.parse).pipe(z.number()),
  open: z.number(),
  high: z.number(),
  low: z.number(),
  close: z.number(),
  volume: z.number(),
});

interface Known {
  /** Counts the changes of the board. */
  readonly version: number;
  readonly update: TickerUpdate;
}

/** What is published, and what is read again beside it. */
interface Subscription {
  end(): void;
}

export interface LiveBoardOptions {
  /** For commands. */
  readonly redis: () => Promise<Redis>;
  /** A connection of its own for what is published. */
  readonly subscriber: () => Promise<Redis>;
}

/**
 * The live prices and the candles that close, out of one subscription that all browsers share. It is
 * made for the first who watches and ended after the last.
 */
export class LiveBoard {
  readonly #options: LiveBoardOptions;
  readonly #known = new Map<string, Known>();
  readonly #closed = new Map<string, CandleSlice['candles'][number]>();
  readonly #watches = new Set<AbortController>();
  #version = 0;
  #subscription: Promise<Subscription> | undefined;

  constructor(options: LiveBoardOptions) {
    this.#options = options;
  }

  get version(): number {
    return this.#version;
  }

  /**
   * Keeps the board up to date until `signal` aborts.
   *
   * @returns a signal that aborts when Redis is lost, or `signal` aborts
   * @throws ServerAway when Redis does not answer
   */
  async watch(signal: AbortSignal): Promise<AbortSignal> {
    const watch = new AbortController();
    this.#watches.add(watch);
    const end = (): void => {
      watch.abort();
      this.#leave(watch);
    };
    signal.addEventListener('abort', end, { once: true });
    try {
      this.#subscription ??= this.#subscribe();
      await this.#subscription;
    } catch (error) {
      end();
      throw error;
    }
    // one that was aborted before says so no more
    if (signal.aborted) end();
    return watch.signal;
  }

  ticker(symbol: string): TickerUpdate | undefined {
    return this.#known.get(symbol)?.update;
  }

  /** Tickers that changed after `version`; those that are gone only when somebody may know them. */
  changesSince(version: number): TickerUpdate[] {
    return [...this.#known.values()]
      .filter((known) => known.version > version && !(version === 0 && known.update.gone === true))
      .map(({ update }) => update);
  }

  /** The last candle of a series that closed while the board was watched. */
  lastClosed({ symbol, timeframe }: Series): CandleSlice['candles'][number] | undefined {
    return this.#closed.get(`candle:${symbol}:${timeframe}`);
  }

  close(): void {
    for (const watch of [...this.#watches]) watch.abort();
    this.#watches.clear();
    this.#end();
  }

  async #subscribe(): Promise<Subscription> {
    const subscriber = await this.#options.subscriber();
    try {
      subscriber.on('pmessage', (_pattern, channel: string, text: string) =>
        this.#take(channel, text),
      );
      await subscriber.psubscribe(TICKERS, CANDLES);
      await this.#refresh();
    } catch (error) {
      subscriber.disconnect();
      this.#subscription = undefined;
      if (error instanceof ServerAway) throw error;
      const reason = `Redis does not answer (${reasonOf(error)}): start m1 up, or set REDIS_HOST`;
      throw new ServerAway(reason, { cause: error });
    }
    // whoever watches is told, and asks again; one that has ended is not lost
    let ended = false;
    const lose = (): void => {
      if (!ended) this.close();
    };
    subscriber.once('close', lose);
    const timer = setInterval(() => void this.#refresh().catch(lose), REFRESH_MS);
    return {
      end: () => {
        ended = true;
        clearInterval(timer);
        subscriber.disconnect();
      },
    };
  }

  #leave(watch: AbortController): void {
    this.#watches.delete(watch);
    if (this.#watches.size === 0) this.#end();
  }

  #end(): void {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    this.#known.clear();
    this.#closed.clear();
    // it may have failed, which was told to those who waited for it
    void subscription?.then(
      (known) => known.end(),
      () => undefined,
    );
  }

  async #refresh(): Promise<void> {
    const before = this.#version;
    const redis = await this.#options.redis();
    const symbols = await symbolsOf(redis);
    const tickers = (await readTickers(redis, symbols)).filter((hash) => hash !== undefined);
    const there = new Set(tickers.map(({ symbol }) => symbol));
    for (const [symbol, { version, update }] of this.#known) {
      // one that was published meanwhile may not have been there yet
      if (there.has(symbol) || version > before) continue;
      // told already in the last round
      if (update.gone === true) this.#known.delete(symbol);
      else this.#set({ ...update, gone: true });
    }
    for (const hash of tickers) {
      const update = updateOf(hash);
      const known = this.#known.get(hash.symbol)?.update;
      const newer = known === undefined || known.gone === true;
      if (newer || known.updatedAtMs < update.updatedAtMs) this.#set(update);
    }
  }

  #take(channel: string, text: string): void {
    if (channel.startsWith('candle:')) {
      const candle = candleSchema.safeParse(parsed(text)).data;
      if (candle === undefined) return;
      const { timestamp, open, high, low, close, volume } = candle;
      this.#closed.set(channel, [timestamp, open, high, low, close, volume]);
      return;
    }
    const hash = tickerSchema.safeParse(parsed(text)).data;
    if (hash !== undefined && channel === tickerKey(hash.symbol)) this.#set(updateOf(hash));
  }

  #set(update: TickerUpdate): void {
    this.#version++;
    this.#known.set(update.symbol, { version: this.#version, update });
  }
}

/** Whose tickers are in the cache. */
async function symbolsOf(redis: Redis): Promise<string[]> {
  const keys = new Set<string>();
  let cursor = '0';
  do {
    const [next, found] = await redis.scan(cursor, 'MATCH', TICKERS, 'COUNT', 1_000);
    cursor = next;
    for (const key of found) keys.add(key);
  } while (cursor !== '0');
  return [...keys].map((key) => key.slice(tickerKey('').length));
}

function updateOf(hash: TickerHash): TickerUpdate {
  return {
    symbol: hash.symbol,
    lastPrice: hash.last_price,
    price24hPct: hash.price_24h_pct,
    high24h: hash.high_24h,
    low24h: hash.low_24h,
    volume24h: hash.volume_24h,
    turnover24h: hash.turnover_24h,
    updatedAtMs: Date.parse(hash.updated_at),
  };
}

/** Channels are common to all who use a Redis: what somebody else publishes may be anything. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
