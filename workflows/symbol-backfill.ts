import {
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  patched,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { BackfillActivities, SymbolTask } from '../activities/types.js';
import type { FailedSeries, SymbolOutcome } from '../domain/backfill.js';
import { COLLECTOR_PHASE } from '../domain/search-attributes.js';
import type { RunCounts } from '../domain/stores.js';
import { setPausedSignal } from './backfill-messages.js';
import { describeSymbol } from './describe-symbol.js';
import { failureText } from './failure-text.js';
import { BACKFILLING, RECORDING } from './policies.js';

const backfilling = proxyActivities<Pick<BackfillActivities, 'backfillSymbol'>>(BACKFILLING);
const recording = proxyActivities<Pick<BackfillActivities, 'recordFailed'>>(RECORDING);

/** Runs that began before a symbol's failure was searchable end as they began. */
const TELLS_FAILURE = 'symbol-tells-failure';

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
  const show = (): void => setCurrentDetails(describeSymbol({ task, left, failed, paused }));
  while (left.length > 0) {
    show();
    await condition(() => !paused);
    show();
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
      counts = await recording.recordFailed.executeWithOptions(
        { ...RECORDING, summary: failureText(lost) },
        [task, lost],
      );
      failed.push(...lost);
      left = left.filter((timeframe) => !lost.some((series) => series.timeframe === timeframe));
    }
  }
  show();
  if (failed.length > 0 && patched(TELLS_FAILURE)) {
    upsertSearchAttributes([{ key: COLLECTOR_PHASE, value: 'partial' }]);
  }
  return { symbol: task.symbol, ...counts, failed };
}

/** The series that a SeriesFailed names; undefined for any other error. */
function failedSeriesOf(error: unknown): readonly FailedSeries[] | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure) || cause.type !== 'SeriesFailed') return undefined;
  const [lost] = cause.details as [readonly FailedSeries[]];
  return lost;
}
