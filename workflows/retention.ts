import {
  continueAsNew,
  defineQuery,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { RetentionActivities, RetentionOrder } from '../activities/retention/types.js';
import {
  mergeTallies,
  type RetentionProgress,
  type RetentionRequest,
  type RetentionResult,
  type RetentionTally,
} from '../domain/retention.js';
import { COLLECTOR_KIND, COLLECTOR_PHASE } from '../domain/search-attributes.js';
import type { Series } from '../domain/series.js';
import { describeRetention } from './describe-retention.js';
import { RETAINING } from './policies.js';

const retaining = proxyActivities<RetentionActivities>(RETAINING);

export const retentionProgressQuery = defineQuery<RetentionProgress>('progress');

/** What a run takes along into its next history. */
interface GoingOn {
  readonly order: RetentionOrder;
  readonly after: Series | undefined;
  readonly tallies: readonly RetentionTally[];
  readonly startedAtMs: number;
}

/** Removes what is older than the worker's `RETENTION`, or only says what that would be. */
export async function retentionWorkflow(
  request: RetentionRequest,
  goingOn?: GoingOn,
): Promise<RetentionResult> {
  const { dryRun } = request;
  const startedAtMs = goingOn?.startedAtMs ?? Date.now();
  let progress: RetentionProgress = { phase: 'planning', dryRun, source: '', tallies: [] };
  setHandler(retentionProgressQuery, () => progress, {
    description: 'What was removed so far, what is held back and why',
  });
  const show = (next: Partial<RetentionProgress>): void => {
    const { phase } = progress;
    progress = { ...progress, ...next };
    setCurrentDetails(describeRetention(progress));
    if (next.phase !== phase)
      upsertSearchAttributes([{ key: COLLECTOR_PHASE, value: progress.phase }]);
  };

  upsertSearchAttributes([{ key: COLLECTOR_KIND, value: 'retention' }]);
  const order =
    goingOn?.order ??
    (await retaining.beginRetention.executeWithOptions(
      { ...RETAINING, summary: 'writes the horizons, so that nothing older is asked for' },
      [dryRun],
    ));
  const none = order.rules.map(({ timeframe, horizonMs }): RetentionTally => ({
    ...{ timeframe, horizonMs, symbols: 0, days: 0, candles: 0, held: [] },
  }));
  let tallies = goingOn?.tallies ?? none;
  let after = goingOn?.after;
  show({ phase: 'running', source: order.source, tallies });
  for (let done = order.rules.length === 0; !done;) {
    const slice = await retaining.retainSlice.executeWithOptions(
      {
        ...RETAINING,
        summary:
          after === undefined
            ? 'from the first series'
            : `after ${after.symbol} ${after.timeframe}`,
      },
      [order, after],
    );
    tallies = mergeTallies(tallies, slice.tallies);
    ({ after, done } = { after: slice.after, done: slice.done });
    show({ tallies });
    if (!done && workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof retentionWorkflow>(request, {
        order,
        after,
        tallies,
        startedAtMs,
      });
    }
  }
  show({ phase: 'finished' });
  return { dryRun, source: order.source, seconds: (Date.now() - startedAtMs) / 1000, tallies };
}
