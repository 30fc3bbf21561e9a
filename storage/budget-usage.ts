import type { Redis } from 'ioredis';
import { BUDGET_PREFIX, budgetKey } from './shared-slots.js';

/** What the running workers use of the request budget. */
export interface BudgetUsage {
  /** Requests that the venue may still count. */
  readonly used: number;
  /** How long a ban that the workers know of still lasts, ms; 0: none. */
  readonly banLeftMs: number;
}

/** Reads the shared budget and changes nothing. @throws what the client throws */
export async function readBudgetUsage(
  redis: Pick<Redis, 'time' | 'zcount' | 'pttl'>,
  keyPrefix: string = BUDGET_PREFIX,
): Promise<BudgetUsage> {
  // slots free by the clock of Redis
  const [seconds, micros] = await redis.time();
  const nowMs = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  const used = await redis.zcount(budgetKey(keyPrefix, 'slots'), `(${nowMs}`, '+inf');
  const banLeftMs = await redis.pttl(budgetKey(keyPrefix, 'ban'));
  return { used, banLeftMs: Math.max(0, banLeftMs) };
}
