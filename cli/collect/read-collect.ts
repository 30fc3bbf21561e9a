import { backfillWorkflowId, type BackfillRequest } from '../../domain/backfill.js';
import { streamWorkflowId } from '../../domain/stream.js';
import type { SyncSet } from '../../domain/sync.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import type { Config } from '../../runtime/config.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { readSetStatus, type SetStatus } from '../../storage/set-status.js';
import { readStatus } from '../../storage/status.js';
import { withDatabase } from '../database.js';
import { queryProgress } from '../../steering/missing-worker.js';
import { readStanding } from '../../steering/read-standing.js';
import { readSync } from '../sync/read-sync.js';
import type { CollectPicture } from './collect-picture.js';

/** The backfill that belongs to a set. */
export function backfillOf({ pairs, days }: Pick<SyncSet, 'pairs' | 'days'>): BackfillRequest {
  return {
    pairs,
    timeframes: TIMEFRAMES,
    span: { kind: 'days', days },
    onlyFailed: false,
    dryRun: false,
  };
}

/** Asks every part for what it knows; a part that is silent is shown as such. */
export async function readCollect(
  config: Pick<Config, 'postgres'>,
  temporal: TemporalClient,
  set: SyncSet,
): Promise<CollectPicture> {
  const backfillId = backfillWorkflowId(backfillOf(set));
  const [stream, sync, backfillStatus, backfill, figures] = await Promise.all([
    readStanding(temporal, streamWorkflowId()),
    readSync(temporal),
    runStatus(temporal, backfillId),
    queryProgress(temporal, backfillId),
    readFigures(config),
  ]);
  return {
    ...{ pairs: set.pairs, stream, sync, backfill, backfillStatus },
    ...{ set: figures, nowMs: Date.now() },
  };
}

/** Temporal's word in lower case. @returns undefined when there is no such run */
export async function runStatus(
  { client }: TemporalClient,
  workflowId: string,
): Promise<string | undefined> {
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    return status.name.toLowerCase();
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return undefined;
    throw error;
  }
}

async function readFigures(config: Pick<Config, 'postgres'>): Promise<SetStatus | undefined> {
  return withDatabase(config.postgres, async (database) =>
    readSetStatus(database, await readStatus(database), Date.now()),
  );
}
