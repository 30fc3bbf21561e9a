import type { Registry } from 'prom-client';
import {
  createBackfillActivities,
  type BackfillActivityDeps,
} from '../activities/backfill-activities.js';
import { refuseOtherSource } from '../activities/refuse-other-source.js';
import { createFreshnessActivities } from '../activities/freshness/freshness-activities.js';
import type { FreshnessActivities } from '../activities/freshness/types.js';
import { createRepairActivities } from '../activities/repair/repair-activities.js';
import type { RepairActivities } from '../activities/repair/types.js';
import { createRetentionActivities } from '../activities/retention/retention-activities.js';
import type { RetentionActivities } from '../activities/retention/types.js';
import { createStreamActivities } from '../activities/stream/stream-activities.js';
import type { StreamActivities } from '../activities/stream/types.js';
import { createSyncActivities } from '../activities/sync/sync-activities.js';
import type { SyncActivities } from '../activities/sync/types.js';
import type { BackfillActivities } from '../activities/types.js';
import type { VerifyActivities } from '../activities/verify/types.js';
import { createVerifyActivities } from '../activities/verify/verify-activities.js';
import { GiveUpRun } from '../domain/failure.js';
import { STREAM_SHARD } from '../domain/stream.js';
import { createBybitVenue } from '../exchange/bybit-venue.js';
import { createBybitFeed } from '../exchange/stream/bybit-feed.js';
import { createWebhook } from '../runtime/alerts/webhook.js';
import type { Config } from '../runtime/config.js';
import type { Logger } from '../runtime/logger.js';
import type { HealthCheck } from '../runtime/metrics/health.js';
import { createMissingMetrics } from '../runtime/metrics/missing-metrics.js';
import { createRepairMetrics } from '../runtime/metrics/repair-metrics.js';
import { createStreamMetrics } from '../runtime/metrics/stream-metrics.js';
import { createSyncMetrics } from '../runtime/metrics/sync-metrics.js';
import { SqlBanStore } from '../storage/ban-store.js';
import { SqlFollowedStore } from '../storage/followed-store.js';
import { SqlFreshnessStore } from '../storage/freshness-store.js';
import { SqlGapQueue } from '../storage/gap-queue.js';
import { SqlRowScan } from '../storage/gap-scan.js';
import { SqlLiveCandleStore } from '../storage/live-candle-store.js';
import { migrationStatus } from '../storage/migrate.js';
import { PostgresDatabase } from '../storage/postgres.js';
import { connectRedis, refuseWrongPassword } from '../storage/redis.js';
import { RedisBudget } from '../storage/redis-budget.js';
import { ClippedCandleStore } from '../storage/retention/clipped-candle-store.js';
import { SqlRetentionStore } from '../storage/retention/retention-store.js';
import { SqlSourceStore } from '../storage/source-store.js';
import { SqlSymbolStore } from '../storage/symbol-store.js';
import { RedisTickerCache } from '../storage/ticker-cache.js';
import { readMissing } from '../storage/totals.js';
import { SqlStoredStretches } from '../storage/verify/stored-stretches.js';

/** From connecting to the last byte of an answer, ms; the budget holds a slot at most so long. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Everything that the activities stand on, built from the configuration. */
export interface CollectorParts {
  /** Those that ask ByBit's REST. */
  readonly restActivities: BackfillActivities &
    Pick<StreamActivities, 'planStream'> &
    RepairActivities &
    RetentionActivities &
    SyncActivities &
    FreshnessActivities &
    VerifyActivities;
  /** Those that hold sockets. */
  readonly streamActivities: Pick<StreamActivities, 'runStream'>;
  /** Whether the stores answer. */
  readonly checks: readonly HealthCheck[];
  /** Ends requests, then connections. */
  close(): Promise<void>;
}

/**
 * Connects to the stores and the venue.
 *
 * @param registry takes the metrics of what the activities do
 * @throws ServerAway when PostgreSQL is away or refuses, or Redis refuses the password
 * @throws GiveUpRun when its tables are missing or old
 * @throws WrongUse when the database belongs to another venue
 */
export async function openCollector(
  config: Config,
  logger: Logger,
  registry: Registry,
): Promise<CollectorParts> {
  const database = new PostgresDatabase(config.postgres);
  try {
    await refuseOldTables(database);
    const source = new SqlSourceStore(database);
    await refuseOtherSource(source, config.venue.source);
    await refuseWrongPassword(config.redis);
    const redis = await connectRedis(config.redis);
    const budget = new RedisBudget({
      redis,
      bans: new SqlBanStore(database),
      limit: config.venue.rateLimit,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      onDegraded: (reason) =>
        logger.warn(`${reason}: this worker takes a quarter of the request budget`),
      onRecovered: () => logger.info('the request budget is shared through Redis again'),
    });
    const venue = createBybitVenue({
      restUrl: config.venue.restUrl,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      banWaitMs: config.venue.banWaitMs,
      budget,
      warn: (message) => logger.warn(message),
    });
    const storing = { database, reaskMs: config.gapReaskMs };
    const retention = new SqlRetentionStore(database);
    if (config.retentionMs.size === 0) await retention.setRules([]);
    const gaps = new SqlGapQueue(storing);
    const rows = new SqlRowScan(database);
    const live = new SqlLiveCandleStore(storing);
    const syncMetrics = createSyncMetrics(registry);
    const deps: BackfillActivityDeps = {
      venue,
      candles: new ClippedCandleStore(storing),
      symbols: new SqlSymbolStore(database),
      source,
      sourceLabel: config.venue.source,
      requestsPer5s: config.venue.rateLimit,
      nowMs: Date.now,
    };
    const stream = createStreamActivities({
      ...deps,
      gaps,
      refusal: config.venue.streamRefusal,
      openFeed: createBybitFeed({ wsUrl: config.venue.wsUrl, log: logger }),
      openTickers: (rank) => new RedisTickerCache({ redis, shard: STREAM_SHARD, rank }),
      live,
      metrics: createStreamMetrics(registry),
      log: logger,
    });
    createMissingMetrics(registry, () => readMissing(database));
    return {
      restActivities: {
        ...createBackfillActivities(deps),
        ...createRepairActivities({
          ...deps,
          ...{ gaps, rows, reaskMs: config.gapReaskMs },
          metrics: createRepairMetrics(registry),
        }),
        ...createRetentionActivities({ ...deps, retention, keepMs: config.retentionMs }),
        ...createVerifyActivities({ ...deps, stored: new SqlStoredStretches(database) }),
        ...createSyncActivities({
          ...{ ...deps, gaps, rows, live, followed: new SqlFollowedStore(database) },
          ...{ metrics: syncMetrics, log: logger },
        }),
        ...createFreshnessActivities({
          ...{ ...deps, freshness: new SqlFreshnessStore(database), metrics: syncMetrics },
          tellAlert: createWebhook(config.alertWebhookUrl),
        }),
        planStream: (pairs) => stream.planStream(pairs),
      },
      streamActivities: { runStream: (task) => stream.runStream(task) },
      checks: [
        { name: 'PostgreSQL', ask: () => database.query('select 1') },
        { name: 'Redis', ask: () => redis.ping() },
      ],
      async close() {
        // The venue settles its slots first, so that nobody waits for them in vain.
        await venue.close();
        budget.close();
        redis.disconnect();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function refuseOldTables(database: PostgresDatabase): Promise<void> {
  const { pending } = await migrationStatus(database);
  if (pending.length > 0) {
    throw new GiveUpRun(`the database lacks ${pending.length} migrations: run m1 db upgrade`);
  }
}
