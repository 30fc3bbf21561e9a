import { RedisScript, type ScriptClient } from './redis-script.js';

/** The part of ioredis that the budget uses. */
export interface ScriptRedis extends ScriptClient {
  on(event: 'close', listener: () => void): unknown;
}

/*
 * State of the budget in Redis; the clock is that of Redis, so that the workers' clocks do not matter.
 *   slots       sorted set: a slot's id, scored by the moment at which it frees, ms
 *   upkeep      exists while a request of class upkeep was asked for lately
 *   ban         exists while the venue refuses this IP
 *   generation  a random word: another one, or none, means that Redis has lost the state
 *   quiet       exists while workers come back from their own shares: nothing is granted until all
 *               have told what they use
 *   limit       of the worker that joined last: for those who look on
 */
const KEYS = ['slots', 'upkeep', 'ban', 'generation', 'quiet', 'limit'] as const;

/** Start of the keys in Redis, unless a caller has its own. */
export const BUDGET_PREFIX = 'm1:budget';

/** The braces keep all keys on one node of a cluster. */
export function budgetKey(prefix: string, name: (typeof KEYS)[number]): string {
  return `{${prefix}}:${name}`;
}

const NOW = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * Settles, then grants what is free, upkeep first. A class that is refused is told the earliest time
 * at which it can be granted one: when as many slots as needed free by themselves, but no later than
 * the cooling time, after which a slot settled just now would be free.
 */
const TAKE = new RedisScript(`${NOW}
local generation, limit, reserve = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local cool, hold, upkeepTtl = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local wantUpkeep, wantBackfill = tonumber(ARGV[7]), tonumber(ARGV[8])
local worker, first = ARGV[9], tonumber(ARGV[10])
if redis.call('GET', KEYS[4]) ~= generation then return {'lost', 0, 0, 0, 0} end
for i = 11, #ARGV, 2 do redis.call('ZADD', KEYS[1], now + cool - tonumber(ARGV[i + 1]), ARGV[i]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('PEXPIRE', KEYS[1], hold + cool)
local banned = redis.call('PTTL', KEYS[3])
if banned > 0 then return {'banned', 0, 0, banned, banned} end
local quiet = redis.call('PTTL', KEYS[5])
if quiet > 0 then return {'quiet', 0, 0, quiet, quiet} end
if wantUpkeep > 0 then redis.call('SET', KEYS[2], '1', 'PX', upkeepTtl) end
local used = redis.call('ZCARD', KEYS[1])
local function grant(want, upTo)
  local granted = math.max(0, math.min(want, upTo - used))
  for i = 1, granted do
    redis.call('ZADD', KEYS[1], now + hold, worker .. ':' .. first)
    first = first + 1
  end
  used = used + granted
  return granted
end
local function wait(granted, want, upTo)
  if granted == want then return 0 end
  local at = math.max(0, used - upTo)
  local slot = redis.call('ZRANGE', KEYS[1], at, at, 'WITHSCORES')
  if slot[2] == nil then return cool end
  return math.max(1, math.min(cool, tonumber(slot[2]) - now))
end
local forBackfill = limit
if redis.call('EXISTS', KEYS[2]) == 1 then forBackfill = limit - reserve end
local upkeep = grant(wantUpkeep, limit)
local backfill = grant(wantBackfill, forBackfill)
return {'ok', upkeep, backfill, wait(upkeep, wantUpkeep, limit), wait(backfill, wantBackfill, forBackfill)}
`);

/** Tells what this worker uses. The first worker ever finds nothing lost and starts at once. */
const JOIN = new RedisScript(`${NOW}
local known, fresh, back = ARGV[1], ARGV[2], ARGV[3] == '1'
local quiet = tonumber(ARGV[4])
redis.call('SET', KEYS[6], ARGV[5])
local generation = redis.call('GET', KEYS[4])
if known ~= '' and generation ~= known then back = true end
if not generation then
  generation = fresh
  redis.call('SET', KEYS[4], generation)
end
for i = 6, #ARGV, 2 do redis.call('ZADD', KEYS[1], now + tonumber(ARGV[i + 1]), ARGV[i]) end
if back and redis.call('PTTL', KEYS[5]) < quiet then redis.call('SET', KEYS[5], '1', 'PX', quiet) end
return {generation, math.max(0, redis.call('PTTL', KEYS[5]))}
`);

const BAN = new RedisScript(`if redis.call('PTTL', KEYS[3]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[3], '1', 'PX', ARGV[1])
end
return 1
`);

export interface SharedSlotsOptions {
  readonly redis: ScriptRedis;
  readonly keyPrefix: string;
  readonly limit: number;
  readonly reserve: number;
  readonly coolMs: number;
  readonly holdMs: number;
  readonly upkeepTtlMs: number;
  readonly workerId: string;
}

export interface TakeRequest {
  readonly generation: string;
  readonly upkeep: number;
  readonly backfill: number;
  /** The slots granted are called `workerId:firstId` and on, those for upkeep first. */
  readonly firstId: number;
  /** Slots whose answers have arrived since the last call, and how long ago. */
  readonly settled: readonly (readonly [id: string, agoMs: number])[];
}

/**
 * `lost`: Redis does not know the generation, join again. `quiet`: others are joining. `banned`: the
 * venue refuses this IP for another `waitMs`.
 */
export interface TakeReply {
  readonly status: 'ok' | 'lost' | 'quiet' | 'banned';
  readonly upkeep: number;
  readonly backfill: number;
  /** How long a class that got less than it wanted has to wait at least, ms. */
  readonly upkeepWaitMs: number;
  readonly backfillWaitMs: number;
}

export interface JoinReply {
  readonly generation: string;
  /** How long nothing is granted yet, ms. */
  readonly quietMs: number;
}

/** The slots that all workers share. Every method is one script, so nothing comes between its steps. */
export class SharedSlots {
  readonly #options: SharedSlotsOptions;
  readonly #keys: readonly string[];

  constructor(options: SharedSlotsOptions) {
    this.#options = options;
    this.#keys = KEYS.map((name) => budgetKey(options.keyPrefix, name));
  }

  async take(request: TakeRequest): Promise<TakeReply> {
    const { limit, reserve, coolMs, holdMs, upkeepTtlMs, workerId } = this.#options;
    const reply = await this.#run(TAKE, [
      ...[request.generation, limit, reserve, coolMs, holdMs, upkeepTtlMs],
      ...[request.upkeep, request.backfill, workerId, request.firstId],
      // rounded down: a slot may free late, never early
      ...request.settled.flatMap(([id, agoMs]) => [id, Math.floor(agoMs)]),
    ]);
    const [status, upkeep, backfill, upkeepWaitMs, backfillWaitMs] = reply as [
      TakeReply['status'],
      ...number[],
    ];
    return {
      status,
      upkeep: upkeep ?? 0,
      backfill: backfill ?? 0,
      upkeepWaitMs: upkeepWaitMs ?? 0,
      backfillWaitMs: backfillWaitMs ?? 0,
    };
  }

  /**
   * @param known generation known before; undefined for a worker that starts
   * @param back the worker comes back from a share of its own
   */
  async join(request: {
    readonly known: string | undefined;
    readonly fresh: string;
    readonly back: boolean;
    readonly quietMs: number;
    readonly slots: readonly (readonly [id: string, leftMs: number])[];
  }): Promise<JoinReply> {
    const reply = await this.#run(JOIN, [
      ...[request.known ?? '', request.fresh, request.back ? '1' : '0', request.quietMs],
      this.#options.limit,
      ...request.slots.flatMap(([id, leftMs]) => [id, Math.ceil(leftMs)]),
    ]);
    const [generation, quietMs] = reply as [string, number];
    return { generation, quietMs };
  }

  /** A longer ban replaces a shorter one, never the other way round. */
  async ban(forMs: number): Promise<void> {
    await this.#run(BAN, [Math.ceil(forMs)]);
  }

  #run(script: RedisScript, values: readonly (string | number)[]): Promise<unknown> {
    return script.run(this.#options.redis, this.#keys, values);
  }
}
