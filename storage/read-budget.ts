import { reasonOf, ServerAway } from '../domain/failure.js';
import { RedisScript, type ScriptClient } from './redis-script.js';
import { BUDGET_PREFIX, budgetKeys } from './shared-slots.js';

/** How much of the request budget is taken now. */
export interface BudgetUse {
  /** Requests that are under way or were answered in the last 5 s. */
  readonly used: number;
  /** Undefined before the first worker. */
  readonly limit: number | undefined;
}

const READ = new RedisScript(`local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return {redis.call('ZCOUNT', KEYS[1], '(' .. now, '+inf'), redis.call('GET', KEYS[2]) or ''}
`);

/** @throws ServerAway */
export async function readBudgetUse(
  redis: ScriptClient,
  keyPrefix: string = BUDGET_PREFIX,
): Promise<BudgetUse> {
  const [slots = '', , , , , limit = ''] = budgetKeys(keyPrefix);
  try {
    const [used, known] = (await READ.run(redis, [slots, limit], [])) as [number, string];
    return { used, limit: known === '' ? undefined : Number(known) };
  } catch (error) {
    throw new ServerAway(`Redis did not tell the request budget (${reasonOf(error)})`, {
      cause: error,
    });
  }
}
