import type { BackfillProgress, RunningSymbol } from '../../domain/backfill.js';
import { reasonOf } from '../../domain/failure.js';
import type { RunCounts } from '../../domain/stores.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import type { Queryable } from '../../storage/database.js';
import { readRunCounts } from '../../storage/status.js';
import { runShare, runTotals } from '../../steering/run-state.js';
import type { RunProgress } from '../api.js';

/** A symbol that does not tell within this time is left out, ms. */
const DESCRIBE_TIMEOUT_MS = 1_000;

type Retrying = RunProgress['retrying'][number];

/** How far a backfill is, with what its symbols under way have stored and suffered so far. */
export async function readProgress(
  temporal: Pick<TemporalClient, 'client'>,
  database: Queryable,
  progress: BackfillProgress,
): Promise<RunProgress> {
  const [live, retrying] = await Promise.all([
    readLive(database, progress.running),
    Promise.all(progress.running.map((symbol) => readRetrying(temporal, symbol))),
  ]);
  return {
    share: runShare({ progress, live }),
    symbolsDone: progress.symbols.done,
    symbolsTotal: progress.symbols.total,
    ...runTotals({ progress, live }),
    plannedCandles: progress.plannedCandles,
    failed: progress.failed,
    retrying: retrying.flat(),
  };
}

async function readLive(
  database: Queryable,
  running: readonly RunningSymbol[],
): Promise<ReadonlyMap<string, RunCounts>> {
  const counts = await readRunCounts(
    database,
    running.map(({ runId }) => runId),
  );
  const none: RunCounts = { requests: 0, candles: 0 };
  return new Map(running.map(({ symbol, runId }) => [symbol, counts.get(runId) ?? none]));
}

async function readRetrying(
  { client }: Pick<TemporalClient, 'client'>,
  { symbol, workflowId }: RunningSymbol,
): Promise<readonly Retrying[]> {
  try {
    const { raw } = await client.withDeadline(Date.now() + DESCRIBE_TIMEOUT_MS, () =>
      client.workflow.getHandle(workflowId).describe(),
    );
    return (raw.pendingActivities ?? []).flatMap(({ attempt, lastFailure }) => {
      const failed = (attempt ?? 1) - 1;
      if (failed < 1) return [];
      return { symbol, attempt: failed, error: reasonOf(lastFailure?.message ?? 'unknown') };
    });
  } catch {
    // it has ended meanwhile, or Temporal is slow: the next reading tells
    return [];
  }
}
