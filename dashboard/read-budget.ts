import { SqlBanStore } from '../storage/ban-store.js';
import { readBudgetUse } from '../storage/read-budget.js';
import type { Health } from './api.js';
import type { Connections } from './connections.js';

export type Budget = Health['budget'];

/** Says what it can learn: without Redis nothing of the use, a ban from whichever server knows of it. */
export async function readBudget(connections: Connections): Promise<Budget> {
  const { database, config } = connections;
  const [use, storedMs] = await Promise.all([
    readBudgetUse(await connections.redis()).catch(() => undefined),
    new SqlBanStore(database).notBeforeMs().catch(() => undefined),
  ]);
  const sharedMs = use === undefined || use.banLeftMs === 0 ? 0 : Date.now() + use.banLeftMs;
  const untilMs = Math.max(storedMs ?? 0, sharedMs);
  return {
    used: use?.used,
    limit: use?.limit ?? config.venue.rateLimit,
    bannedUntilMs: untilMs === 0 ? undefined : untilMs,
  };
}
