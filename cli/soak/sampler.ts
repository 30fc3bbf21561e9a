import type { Redis } from 'ioredis';
import { ServerAway } from '../../domain/failure.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import type { Queryable } from '../../storage/database.js';
import { readStanding } from '../../steering/read-standing.js';
import type { StreamActivity, StreamStanding } from '../../steering/stream-standing.js';
import type { NeededCandles } from '../../storage/series-tally.js';
import { FollowedSeries, seriesOf } from './followed-series.js';
import { readEnds, readTally } from '../../storage/series-tally.js';
import type { SampledCandles, SoakSample } from './soak-sample.js';
import type { SeriesTally } from '../../storage/series-tally.js';

/** The activity tells every two seconds; one that has not for so long is none, ms. */
const SILENT_MS = 10_000;

export interface SamplerParts {
  readonly temporal: TemporalClient;
  readonly workflowId: string;
  readonly database: Queryable;
  readonly redis: Pick<Redis, 'info'>;
}

/** Looks at a stream from all sides. A server that is away is a finding, not a failure. */
export class Sampler {
  readonly #parts: SamplerParts;
  readonly #series = new FollowedSeries();
  #symbols: readonly string[] = [];
  #heartbeatAtMs: number | undefined;
  /** Steady clock. */
  #beatSeenMs = -Infinity;

  constructor(parts: SamplerParts) {
    this.#parts = parts;
  }

  async sample(atMs: number): Promise<SoakSample> {
    const { temporal, workflowId } = this.#parts;
    const [standing, redisUpSeconds] = await Promise.all([
      readStanding(temporal, workflowId),
      this.#redisUpSeconds(),
    ]);
    // what it follows is still known while no worker is there to ask
    this.#symbols = standing.status?.symbols ?? this.#symbols;
    const beating = this.#isBeating(standing.activity);
    const candles = await this.#candles(standing);
    return { atMs, standing, beating, redisUpSeconds, candles };
  }

  /** The candles that were due by the last sample. */
  due(): readonly NeededCandles[] {
    return this.#series.needed();
  }

  /** What became of them; undefined: the database does not answer. */
  async tally(due: readonly NeededCandles[]): Promise<readonly SeriesTally[] | undefined> {
    return unlessAway(() => readTally(this.#parts.database, due));
  }

  #isBeating(activity: StreamActivity | undefined): boolean {
    if (activity?.heartbeatAtMs === undefined) return false;
    const nowMs = performance.now();
    if (activity.heartbeatAtMs !== this.#heartbeatAtMs) this.#beatSeenMs = nowMs;
    this.#heartbeatAtMs = activity.heartbeatAtMs;
    return activity.started && nowMs - this.#beatSeenMs < SILENT_MS;
  }

  async #candles({ activity }: StreamStanding): Promise<SampledCandles | undefined> {
    const ends = await unlessAway(() => readEnds(this.#parts.database, seriesOf(this.#symbols)));
    if (ends === undefined) return undefined;
    this.#series.take(ends, activity?.figures?.state === 'live');
    const tally = await this.tally(this.due());
    if (tally === undefined) return undefined;
    const missing = tally.reduce((sum, each) => sum + each.missing, 0);
    return { newestMs: this.#series.newestMs, missing };
  }

  async #redisUpSeconds(): Promise<number | undefined> {
    const info = await this.#parts.redis.info('server').catch(() => '');
    const text = /uptime_in_seconds:(\d+)/.exec(info)?.[1];
    return text === undefined ? undefined : Number(text);
  }
}

async function unlessAway<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ServerAway) return undefined;
    throw error;
  }
}
