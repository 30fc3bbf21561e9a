import { Registry } from 'prom-client';
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamSession } from '../../activities/stream/stream-session.js';
import { GiveUpSymbol } from '../../domain/failure.js';
import { STREAM_SHARD } from '../../domain/stream.js';
import type { Venue } from '../../domain/venue.js';
import { createBybitFeed } from '../../exchange/stream/bybit-feed.js';
import { createLogger } from '../../runtime/logger.js';
import { createStreamMetrics } from '../../runtime/metrics/stream-metrics.js';
import { SqlGapQueue } from '../../storage/gap-queue.js';
import { SqlLiveCandleStore } from '../../storage/live-candle-store.js';
import { PostgresDatabase } from '../../storage/postgres.js';
import { connectRedis } from '../../storage/redis.js';
import { RedisTickerCache } from '../../storage/ticker-cache.js';
import { answerParent } from './child-process.js';
import type { Received, ReceiverProtocol, ReceiverStart } from './protocols.js';
import { TimedCache } from './timed-cache.js';

/** As often as the activity heartbeats, ms. */
const BEAT_MS = 2_000;
const POLL_MS = 20;
/** A stream that is not live by then never will be, ms. */
const LIVE_TIMEOUT_MS = 25_000;
/** All that came is written when nothing more comes for so long, ms. */
const QUIET_MS = 300;
const DRAIN_MS = 8_000;

/** Everything that a worker's activity has for a stream, apart from Temporal and the venue's REST. */
interface Running {
  readonly session: StreamSession;
  readonly cache: TimedCache;
  stop(): Promise<void>;
}

let running: Running | undefined;

async function start(options: ReceiverStart): Promise<{ connections: number }> {
  running = await open(options);
  const { session } = running;
  const giveUpAt = performance.now() + LIVE_TIMEOUT_MS;
  while (session.figures().state !== 'live') {
    if (performance.now() > giveUpAt) {
      throw new Error(`the stream is not live after ${LIVE_TIMEOUT_MS / 1000} s`);
    }
    await sleep(POLL_MS);
  }
  running.cache.begin();
  running.cache.look();
  running.cache.mark();
  return { connections: session.figures().connections };
}

async function open({ wsUrl, redis, postgres, symbols }: ReceiverStart): Promise<Running> {
  const log = createLogger({ level: 'warn', format: 'pretty' });
  const database = new PostgresDatabase(postgres);
  const client = await connectRedis({ ...redis, db: 0 });
  const rank = [Date.now(), 1] as const;
  const cache = new TimedCache(new RedisTickerCache({ redis: client, shard: STREAM_SHARD, rank }));
  const session = new StreamSession(
    {
      openFeed: createBybitFeed({ wsUrl, log }),
      tickers: cache,
      candles: new SqlLiveCandleStore({ database, reaskMs: [] }),
      gaps: new SqlGapQueue({ database, reaskMs: [] }),
      venue: NO_REST,
      origin: { source: 'ws', workflowId: 'bench', runId: 'bench' },
      metrics: createStreamMetrics(new Registry()),
      log,
      onLive: () => undefined,
      onGaps: () => undefined,
      onFault: (error) => {
        throw error;
      },
      nowMs: Date.now,
    },
    symbols,
  );
  const beats = setInterval(() => session.figures(), BEAT_MS);
  return {
    session,
    cache,
    async stop() {
      clearInterval(beats);
      await session.close(AbortSignal.timeout(DRAIN_MS));
      client.disconnect();
      await database.close();
    },
  };
}

/** Candles are not read again here: the budget makes that a matter of the backfill's benchmark. */
const refuse = (): Promise<never> => Promise.reject(new GiveUpSymbol('there is no REST here'));
const NO_REST: Venue = {
  serverTimeMs: refuse,
  instruments: refuse,
  turnovers: refuse,
  candles: refuse,
};

async function report(): Promise<Received> {
  const { session, cache } = current();
  for (let before = NaN; before !== session.figures().messages;) {
    before = session.figures().messages;
    await sleep(QUIET_MS);
  }
  return cache.received();
}

function current(): Running {
  if (running === undefined) throw new Error('the receiver was not started');
  return running;
}

answerParent<ReceiverProtocol>({
  start,
  begin: () => current().cache.begin(),
  report,
  memory: () => current().cache.marks,
  stop: () => current().stop(),
});
