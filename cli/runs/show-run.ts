import { print, printJson, type CommandIo } from '../io.js';
import { banText } from '../render/ban-text.js';
import { plainLine } from '../render/progress-lines.js';
import { headLines, runEntry } from '../render/run-table.js';
import { summaryLines } from '../render/run-summary.js';
import { awaitRun } from './await-run.js';
import { listedRun } from '../../steering/list-runs.js';
import { openLiveCounts } from './live-counts.js';
import { NO_WORKER, queryPatienceMs, queryProgress } from '../../steering/missing-worker.js';
import { runDocument } from './run-document.js';
import type { RunOutcome } from './run-outcome.js';
import { runLink } from '../../steering/web-ui.js';
import type { NamedRun } from './with-run.js';

/** A run that has ended gives its result at once. */
const RESULT_TIMEOUT_MS = 5_000;

/** Prints one run: what it does, how far it is or how it ended. */
export async function showRun(named: NamedRun, json: boolean, io: CommandIo): Promise<void> {
  const { temporal, run } = named;
  const description = await temporal.client.workflow.getHandle(run.workflowId).describe();
  const listed = listedRun(description);
  const running = listed.status === 'running';
  const outcome = running
    ? undefined
    : await awaitRun(temporal, run.workflowId, AbortSignal.timeout(RESULT_TIMEOUT_MS));
  const patienceMs = await queryPatienceMs(temporal);
  const progress = await queryProgress(temporal, run.workflowId, patienceMs);
  const nowMs = Date.now();
  if (json) {
    printJson(io, { ...runEntry(listed, nowMs), ...runDocument(run, outcome, progress, nowMs) });
    return;
  }
  const standing = running
    ? await standingLines(named, progress)
    : endLines(outcome, progress?.source);
  const failedSoFar = running ? (progress?.failed ?? []) : [];
  const link = runLink(named.config.temporal, run);
  print(io, [
    ...headLines(listed, await description.staticSummary(), nowMs),
    ...standing,
    ...failedSoFar.map(
      ({ symbol, timeframe, reason }) => `  failed: ${symbol} ${timeframe}: ${reason}`,
    ),
    ...(link === undefined ? [] : [link]),
  ]);
}

async function standingLines(
  { config }: NamedRun,
  progress: Awaited<ReturnType<typeof queryProgress>>,
): Promise<string[]> {
  if (progress === undefined) return [NO_WORKER];
  const counts = openLiveCounts(config);
  try {
    const live = await counts.read(progress.running);
    const untilMs = await counts.readBanMs();
    return [
      plainLine({ progress, live, pace: undefined, notice: undefined }),
      ...(untilMs === undefined ? [] : [banText(untilMs)]),
    ];
  } finally {
    await counts.close();
  }
}

function endLines(outcome: RunOutcome | undefined, source: string | undefined): string[] {
  if (outcome === undefined) return [];
  return outcome.kind === 'finished' ? summaryLines(outcome.result, source) : [outcome.reason];
}
