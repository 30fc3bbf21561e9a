import { reasonOf, ServerAway } from '../domain/failure.js';
import { RedisScript, type ScriptClient } from './redis-script.js';
import { BUDGET_PREFIX, budgetKey } from './shared-slots.js';

/** How much of the request budget is taken now. */
export interface BudgetUse {
  /** Requests that are under way or were answered in the last 5 s. */
  readonly used: number;
  /** Undefined before the first worker. */
  readonly limit: number | undefined;
  /** How long a ban that the workers know of still lasts, ms; 0: none. */
  readonly banLeftMs: number;
}

// slots become free by the clock of Redis
const READ = new RedisScript(`local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return {
  redis.call('ZCOUNT', KEYS[1], '(' .. now, '+inf'),
  redis.call('GET', KEYS[2]) or '',
  redis.call('PTTL', KEYS[3]),
}
`);

/** Reads the shared budget and changes nothing. @throws ServerAway */
export async function readBudgetUse(
  redis: ScriptClient,
  keyPrefix: string = BUDGET_PREFIX,
): Promise<BudgetUse> {
  const keys = (['slots', 'limit', 'ban'] as const).map((name) => budgetKey(keyPrefix, name));
  try {
    const answer = (await READ.run(redis, keys, [])) as [number, string, number];
    const [used, limit, banLeftMs] = answer;
    return {
      used,
      limit: limit === '' ? undefined : Number(limit),
      banLeftMs: Math.max(0, banLeftMs),
    };
  } catch (error) {
    throw new ServerAway(`Redis did not tell the request budget (${reasonOf(error)})`, {
      cause: error,
    });
  }
}
