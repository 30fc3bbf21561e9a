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
  problemsOf,
  type AlertNotice,
  type AlertState,
  type FreshnessReport,
} from '../domain/freshness.js';
import { plural } from '../domain/format.js';
import { COLLECTOR_KIND, COLLECTOR_PHASE } from '../domain/search-attributes.js';
import { paragraphs, quoted, sourceLines } from './markdown.js';
import { CHECKING } from './policies.js';

/** Problems that are spelled out. */
const NAMED_PROBLEMS = 10;

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
    return await checkFreshness.executeWithOptions(
      { ...CHECKING, summary: 'how old the newest candles are' },
      [],
    );
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
      await sendAlert.executeWithOptions(
        { ...CHECKING, summary: `${notice.status}: ${plural(notice.problems.length, 'alert')}` },
        [notice],
      );
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      log.warn(`${error.cause?.message ?? error.message}: the alert is sent with the next check`);
      return notices.slice(i);
    }
  }
  return [];
}

function describe(report: FreshnessReport, { open }: AlertState): string {
  const { source, series, behind } = report;
  const problems = problemsOf(report);
  const more = problems.length - NAMED_PROBLEMS;
  return paragraphs([
    ...sourceLines(source),
    `**${problems.length === 0 ? 'up to date' : 'alerting'}**: ${plural(series, 'series')}, ` +
      `${behind.length} behind, open alerts: ${open.length}`,
    ...problems.slice(0, NAMED_PROBLEMS).map(({ message }) => quoted(message)),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(problems.length === 0 ? [] : ['Next: `m1 sync status`, `m1 doctor --venue`']),
  ]);
}
