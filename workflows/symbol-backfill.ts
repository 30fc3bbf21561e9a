import {
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { BackfillActivities, SymbolTask } from '../activities/types.js';
import type { FailedSeries, SymbolOutcome } from '../domain/backfill.js';
import type { RunCounts } from '../domain/stores.js';
import { setPausedSignal } from './backfill-messages.js';
import { BACKFILLING, RECORDING } from './policies.js';

const backfilling = proxyActivities<Pick<BackfillActivities, 'backfillSymbol'>>(BACKFILLING);
const recording = proxyActivities<Pick<BackfillActivities, 'recordFailed'>>(RECORDING);

const NOTHING: RunCounts = { candles: 0, requests: 0 };

/**
 * Brings one symbol's timeframes up to the task. A series that the venue gives up on is recorded
 * and the others go on; a pause lets the pages in flight finish and resumes from coverage.
 */
export async function symbolBackfillWorkflow(
  input: SymbolTask & { readonly paused: boolean },
): Promise<SymbolOutcome> {
  const { paused: startsPaused, ...task } = input;
  let paused = startsPaused;
  let scope = new CancellationScope();
  setHandler(setPausedSignal, (next) => {
    paused = next;
    if (paused) scope.cancel();
  });

  const failed: FailedSeries[] = [];
  let left = task.timeframes;
  let counts = NOTHING;
  while (left.length > 0) {
    if (paused) setCurrentDetails(`**${task.symbol}** paused; left: ${left.join(', ')}`);
    await condition(() => !paused);
    setCurrentDetails(describe(task, left, failed));
    scope = new CancellationScope();
    try {
      counts = await scope.run(() =>
        backfilling.backfillSymbol.executeWithOptions(
          { ...BACKFILLING, summary: `${task.symbol} ${left.join(' ')}` },
          [{ ...task, timeframes: left }],
        ),
      );
      left = [];
    } catch (error) {
      // Only our own scope was cancelled, for a pause: go round and wait.
      if (isCancellation(error) && !CancellationScope.current().consideredCancelled) continue;
      const lost = failedSeriesOf(error);
      if (lost === undefined) throw error;
      counts = await recording.recordFailed(task, lost);
      failed.push(...lost);
      left = left.filter((timeframe) => !lost.some((series) => series.timeframe === timeframe));
    }
  }
  setCurrentDetails(describe(task, left, failed));
  return { symbol: task.symbol, ...counts, failed };
}

/** The series that a SeriesFailed names; undefined for any other error. */
function failedSeriesOf(error: unknown): readonly FailedSeries[] | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure) || cause.type !== 'SeriesFailed') return undefined;
  const [lost] = cause.details as [readonly FailedSeries[]];
  return lost;
}

function describe(
  task: SymbolTask,
  left: readonly string[],
  failed: readonly FailedSeries[],
): string {
  const range = `${new Date(task.fromMs).toISOString()} to ${new Date(task.toMs).toISOString()}`;
  const lines = [
    `**${task.symbol}** ${range}`,
    left.length === 0 ? 'Done' : `Being completed: ${left.join(', ')}`,
    ...failed.map(({ timeframe, reason }) => `Failed: ${timeframe}: ${reason}`),
  ];
  return lines.join('\n\n');
}
