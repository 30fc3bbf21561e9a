import { readBudgetUse } from '../storage/read-budget.js';
import { SqlBanStore } from '../storage/ban-store.js';
import type { Health } from './api.js';
import type { Connections } from './connections.js';

export type Budget = NonNullable<Health['budget']>;

/** @returns undefined without Redis */
export async function readBudget(connections: Connections): Promise<Budget | undefined> {
  const { database, config } = connections;
  const [use, bannedUntilMs] = await Promise.all([
    readBudgetUse(await connections.redis()).catch(() => undefined),
    new SqlBanStore(database).notBeforeMs(),
  ]);
  if (use === undefined) return undefined;
  return { used: use.used, limit: use.limit ?? config.venue.rateLimit, bannedUntilMs };
}
