import { randomUUID } from 'node:crypto';
import { reasonOf, ServerAway } from '../domain/failure.js';
import type { TickerWrite } from '../domain/ticker.js';
import { RedisScript, type ScriptClient } from './redis-script.js';

/** A lease that is not extended for this long is free, ms. */
const LEASE_TTL_MS = 10_000;

/** Parameters of `FENCE`; a script's own begin after them. */
const FENCE_VALUES = 4;

/**
 * Goes on only for the holder of the lease, and for whoever takes it: when it is free, or from a
 * holder of a lower rank.
 */
const FENCE = `local holder, first, second = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local known = redis.call('GET', KEYS[1])
if known and known ~= holder then
  local a, b = string.match(known, '^([^:]+):([^:]+):')
  a, b = tonumber(a) or 0, tonumber(b) or 0
  if first < a or (first == a and second <= b) then return 'superseded' end
end
redis.call('SET', KEYS[1], holder, 'PX', ARGV[4])
`;

const RELEASE = new RedisScript(
  `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1`,
);

/**
 * Which of two attempts of one stream is the newer one: compared by the moment at which its activity
 * was scheduled, ms, then by the number of the attempt.
 */
export type StreamRank = readonly [scheduledMs: number, attempt: number];

export interface StreamLeaseOptions {
  readonly redis: ScriptClient;
  /** Streams of different shards do not touch each other. */
  readonly shard: string;
  readonly rank: StreamRank;
}

/** A script that only the holder of a stream's lease may run; its values are `ARGV[5]` and on. */
export function fencedScript(body: string): RedisScript {
  return new RedisScript(
    `${FENCE}local first_value = ${FENCE_VALUES + 1}\n${body}return 'stored'\n`,
  );
}

/**
 * Keeps an attempt of a stream that was given up and still runs from writing beside its successor.
 * Every fenced script takes or extends the lease in the same step in which it writes.
 */
export class StreamLease {
  readonly #redis: ScriptClient;
  readonly #key: string;
  readonly #holder: string;
  readonly #rank: StreamRank;

  constructor({ redis, shard, rank }: StreamLeaseOptions) {
    this.#redis = redis;
    this.#key = `m1:stream:${shard}:lease`;
    this.#holder = `${rank[0]}:${rank[1]}:${randomUUID()}`;
    this.#rank = rank;
  }

  /**
   * @param keys that the script uses, `KEYS[2]` and on
   * @throws ServerAway when Redis does not answer or refuses
   */
  async run(
    script: RedisScript,
    keys: readonly string[],
    values: readonly (string | number)[],
  ): Promise<TickerWrite> {
    const all = [this.#holder, ...this.#rank, LEASE_TTL_MS, ...values];
    try {
      const reply = await script.run(this.#redis, [this.#key, ...keys], all);
      return reply === 'superseded' ? 'superseded' : 'stored';
    } catch (error) {
      throw new ServerAway(`Redis did not take what the stream wrote (${reasonOf(error)})`, {
        cause: error,
      });
    }
  }

  /** Gives the lease up, if it is still ours. Never fails: a lease that stays runs out by itself. */
  async release(): Promise<void> {
    await RELEASE.run(this.#redis, [this.#key], [this.#holder]).catch(() => undefined);
  }
}
