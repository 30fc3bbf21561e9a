import { reasonOf } from '../../domain/failure.js';
import type { Config } from '../../runtime/config.js';
import { SqlBanStore } from '../../storage/ban-store.js';
import { readBudgetUse, type BudgetUse } from '../../storage/read-budget.js';
import { connectRedis, pingRedis } from '../../storage/redis.js';
import { withDatabase } from '../database.js';
import { fail, ok, warn, type Check } from './check.js';

const NAME = 'ByBit budget';

/** What is known of the request budget before the venue is asked. */
export interface BudgetState {
  readonly checks: readonly Check[];
  /** Requests that running workers have on the venue's count; undefined: Redis does not say. */
  readonly used: number | undefined;
  /** Local clock, ms since 1970; undefined: no ban is known. */
  readonly bannedUntilMs: number | undefined;
}

/** Reads what the workers share. A server that is away makes a warning, since its own check fails. */
export async function readBudget(config: Config, nowMs: number): Promise<BudgetState> {
  const [stored, usage] = await Promise.all([
    orReason(() => storedBan(config)),
    orReason(() => redisUsage(config)),
  ]);
  const used = 'value' in usage ? usage.value.used : undefined;
  const bans = [
    'value' in stored ? (stored.value ?? 0) : 0,
    'value' in usage && usage.value.banLeftMs > 0 ? nowMs + usage.value.banLeftMs : 0,
  ];
  const bannedUntilMs = Math.max(...bans);
  return {
    checks: [
      budgetCheck(config.venue.rateLimit, usage),
      'reason' in stored && bannedUntilMs === 0
        ? warn(NAME, `whether a ban is stored is not known: ${stored.reason}`)
        : banCheck(bannedUntilMs),
    ],
    used,
    bannedUntilMs: bannedUntilMs > nowMs ? bannedUntilMs : undefined,
  };
}

function budgetCheck(limit: number, usage: Outcome<BudgetUse>): Check {
  const configured = `${limit} requests in any 5 s (BYBIT_RATE_LIMIT)`;
  return 'reason' in usage
    ? warn(NAME, `${configured}; what workers use of it is not known: ${usage.reason}`)
    : ok(NAME, `${configured}, running workers use ${usage.value.used}`);
}

function banCheck(untilMs: number): Check {
  if (untilMs === 0) return ok(NAME, 'no ban is stored');
  return fail(
    NAME,
    `ByBit has banned this IP, nothing is asked before ${new Date(untilMs).toISOString()}: wait, ` +
      'workers go on by themselves; if other programs ask ByBit from here, lower BYBIT_RATE_LIMIT',
  );
}

function storedBan({ postgres }: Config): Promise<number | undefined> {
  return withDatabase(postgres, (database) => new SqlBanStore(database).notBeforeMs());
}

async function redisUsage(config: Config): Promise<BudgetUse> {
  // says why it is away, which a command of a client that connects again does not
  await pingRedis(config.redis);
  const redis = await connectRedis(config.redis);
  try {
    return await readBudgetUse(redis);
  } finally {
    redis.disconnect();
  }
}

type Outcome<T> = { readonly value: T } | { readonly reason: string };

async function orReason<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}
