import { WrongUse } from '../domain/failure.js';
import type { DatabaseIdentity, SourceStore } from '../domain/stores.js';

/**
 * Claims an empty database for the venue that this worker asks.
 *
 * @throws WrongUse when the database belongs to another venue
 */
export async function refuseOtherSource(
  source: SourceStore,
  sourceLabel: string,
): Promise<DatabaseIdentity> {
  const holder = await source.claim(sourceLabel);
  if (holder.source === sourceLabel) return holder;
  throw new WrongUse(
    `this database holds data of "${holder.source}" and this worker asks "${sourceLabel}": ` +
      'use another database (POSTGRES_DB), or set BYBIT_SOURCE if they are the same venue',
  );
}

/**
 * Workers that share a queue must share a database, or a run would be scattered over several.
 *
 * @throws WrongUse when this worker's database is not the one that the run was planned from
 */
export async function refuseOtherDatabase(
  source: SourceStore,
  sourceLabel: string,
  databaseId: string,
): Promise<void> {
  const own = await refuseOtherSource(source, sourceLabel);
  if (own.databaseId === databaseId) return;
  throw new WrongUse(
    'a worker of another database polls the same queue: stop it, or give it the same POSTGRES_* ' +
      'or a TEMPORAL_NAMESPACE of its own, then run the same command again',
  );
}
