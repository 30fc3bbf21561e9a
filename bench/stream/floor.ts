import { Redis } from 'ioredis';
import { microsecondTime, tickerKey } from '../../storage/ticker-hash.js';
import { answerParent } from './child-process.js';
import { tickerText } from './frames.js';
import type { FloorProtocol, FloorRun } from './protocols.js';
import { symbolNames } from './symbol-names.js';

const SYMBOLS = 700;
const BATCH = 256;
/** Written at once, so that the loop never waits for Redis. */
const WRITERS = 4;
const TTL_S = 60;

interface TickerFrame {
  readonly data: Readonly<Record<string, string>>;
}

/** Parses frames and writes them as fast as it can: no socket, no check, no lease, no publishing. */
async function run({ redis: address, forMs }: FloorProtocol['run']['ask']): Promise<FloorRun> {
  const frames = symbolNames(SYMBOLS).map((symbol, i) => tickerText(symbol, i % 4));
  const redis = new Redis(address);
  await redis.ping();
  const cpuBefore = process.cpuUsage();
  const beganAt = performance.now();
  let updates = 0;
  const writer = async (): Promise<void> => {
    while (performance.now() - beganAt < forMs) {
      const from = updates;
      updates += BATCH;
      await writeBatch(redis, frames, from);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  const seconds = (performance.now() - beganAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  redis.disconnect();
  return { updates, seconds, cpuSeconds: (user + system) / 1e6 };
}

async function writeBatch(redis: Redis, frames: readonly string[], from: number): Promise<void> {
  const pipeline = redis.pipeline();
  for (let at = from; at < from + BATCH; at++) {
    const { data } = JSON.parse(frames[at % frames.length] ?? '') as TickerFrame;
    const { symbol = '', lastPrice = '', price24hPcnt = '', highPrice24h = '' } = data;
    const { lowPrice24h = '', volume24h = '', turnover24h = '' } = data;
    const key = tickerKey(symbol);
    pipeline.hset(
      key,
      ...['symbol', symbol, 'last_price', lastPrice, 'price_24h_pct', price24hPcnt],
      ...['high_24h', highPrice24h, 'low_24h', lowPrice24h, 'volume_24h', volume24h],
      ...['turnover_24h', turnover24h, 'updated_at', microsecondTime(Date.now())],
    );
    pipeline.expire(key, TTL_S);
  }
  await pipeline.exec();
}

answerParent<FloorProtocol>({ run });
