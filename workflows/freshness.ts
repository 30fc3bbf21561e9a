import {
  ActivityFailure,
  log,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { FreshnessActivities } from '../activities/freshness/types.js';
import {
  judgeAlerts,
  NOTHING_TOLD,
  noticeText,
  type AlertNotice,
  type AlertState,
  type FreshnessReport,
} from '../domain/freshness.js';
import { COLLECTOR_KIND, COLLECTOR_PHASE } from '../domain/search-attributes.js';
import { CHECKING } from './policies.js';

const { checkFreshness, sendAlert } = proxyActivities<FreshnessActivities>(CHECKING);

/**
 * Looks whether every followed series is up to date, and tells what has changed since the last look.
 * Started by a Schedule; what was told is the result of one run and the begin of the next.
 */
export async function freshnessWorkflow(): Promise<AlertState> {
  upsertSearchAttributes([
    { key: COLLECTOR_KIND, value: 'freshness' },
    { key: COLLECTOR_PHASE, value: 'running' },
  ]);
  setCurrentDetails('**running**: looks how old the newest candles are');
  const report = await readReport();
  const { notices, state } = judgeAlerts(lastState(), report, Date.now());
  for (const notice of notices) tellLog(notice);
  const unsent = await sendInOrder(state.unsent);
  setCurrentDetails(describe(report, state));
  upsertSearchAttributes([
    { key: COLLECTOR_PHASE, value: state.open.length === 0 ? 'finished' : 'alerting' },
  ]);
  return { ...state, unsent };
}

/** Temporal hands the result of the Schedule's last run to the next one. */
function lastState(): AlertState {
  return (workflowInfo().lastResult as AlertState | undefined) ?? NOTHING_TOLD;
}

/** A check that cannot be made is a problem itself. */
async function readReport(): Promise<FreshnessReport> {
  try {
    return await checkFreshness();
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return {
      ...{ source: '', series: 0, behind: [] },
      streamSilentSinceMs: undefined,
      unreadable: error.cause?.message ?? error.message,
    };
  }
}

function tellLog(notice: AlertNotice): void {
  const text = noticeText(notice);
  if (notice.status === 'recovered') log.info(text, { count: notice.problems.length });
  else log.warn(text, { count: notice.problems.length });
}

/** @returns what could not be sent: the next run tries again */
async function sendInOrder(notices: readonly AlertNotice[]): Promise<readonly AlertNotice[]> {
  for (const [i, notice] of notices.entries()) {
    try {
      await sendAlert(notice);
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      log.warn(`${error.cause?.message ?? error.message}: the alert is sent with the next check`);
      return notices.slice(i);
    }
  }
  return [];
}

function describe({ series, behind, unreadable }: FreshnessReport, { open }: AlertState): string {
  if (unreadable !== undefined) return `**could not be checked**: ${unreadable}`;
  return `${series} series, ${behind.length} behind, open alerts: ${open.length}`;
}
