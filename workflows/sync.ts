import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  log,
  ParentClosePolicy,
  proxyActivities,
  setCurrentDetails,
  startChild,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { SyncActivities } from '../activities/sync/types.js';
import { backfillWorkflowId, type BackfillRequest } from '../domain/backfill.js';
import { COLLECTOR_KIND, COLLECTOR_PHASE, TIMEFRAMES_KEY } from '../domain/search-attributes.js';
import { plural, symbolsText } from '../domain/format.js';
import type { SyncRequest, SyncResult } from '../domain/sync.js';
import { TIMEFRAMES } from '../domain/timeframe.js';
import type { backfillWorkflow } from './backfill.js';
import { describeSync } from './describe-sync.js';
import { RECORDING, SYNCING } from './policies.js';

/** Symbols that the details of a backfill name. */
const NAMED = 100;

const syncing = proxyActivities<Pick<SyncActivities, 'syncTimeframe'>>(SYNCING);
const telling = proxyActivities<Pick<SyncActivities, 'adaptStream'>>(RECORDING);

/**
 * Brings one timeframe of a set up to the venue's now, starts the backfill of pairs that are new to
 * it, and keeps the stream on the same pairs. Started by a Schedule.
 */
export async function syncWorkflow(request: SyncRequest): Promise<SyncResult> {
  const { timeframe } = request;
  upsertSearchAttributes([
    { key: COLLECTOR_KIND, value: 'sync' },
    { key: COLLECTOR_PHASE, value: 'running' },
    { key: TIMEFRAMES_KEY, value: [timeframe] },
  ]);
  setCurrentDetails(`**running**: reads what is new of ${timeframe}`);
  const { result, newcomers, stream } = await syncing.syncTimeframe.executeWithOptions(
    { ...SYNCING, summary: `${timeframe}: what is new, and the last candles again` },
    [request],
  );
  if (newcomers.length > 0) await backfillNewcomers(newcomers, request.days);
  if (stream !== undefined) {
    await telling.adaptStream.executeWithOptions(
      { ...RECORDING, summary: 'has the stream follow the same pairs' },
      [stream],
    );
  }
  setCurrentDetails(describeSync(result, newcomers));
  upsertSearchAttributes([
    { key: COLLECTOR_PHASE, value: result.status === 'partial' ? 'partial' : 'finished' },
  ]);
  return result;
}

/** Starts the backfill that a person would start for these pairs, and leaves it. */
async function backfillNewcomers(symbols: readonly string[], days: number): Promise<void> {
  const request: BackfillRequest = {
    pairs: { kind: 'symbols', symbols },
    timeframes: TIMEFRAMES,
    span: { kind: 'days', days },
    onlyFailed: false,
    dryRun: false,
  };
  try {
    await startChild<typeof backfillWorkflow>('backfillWorkflow', {
      workflowId: backfillWorkflowId(request),
      args: [{ request }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `Backfill of ${plural(symbols.length, 'pair')} new to the set, ${days} days`,
      staticDetails: `Started by a sync: ${symbolsText(symbols, NAMED)}`,
      typedSearchAttributes: [
        { key: COLLECTOR_KIND, value: 'backfill' },
        { key: COLLECTOR_PHASE, value: 'planning' },
        { key: TIMEFRAMES_KEY, value: [...TIMEFRAMES] },
      ],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    log.info('the backfill of the new pairs runs already');
  }
}
