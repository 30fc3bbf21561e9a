import { print, printJson, type CommandIo } from '../io.js';
import { headLines, runEntry } from '../render/run-table.js';
import { awaitEnd } from '../../steering/await-end.js';
import { listedRun } from '../../steering/list-runs.js';
import { NO_WORKER, queryPatienceMs, queryRun } from '../../steering/missing-worker.js';
import { failedRun } from './run-outcome.js';
import { runLink } from '../../steering/web-ui.js';
import type { NamedRun } from './with-run.js';

/** A run that has ended gives its result at once. */
const RESULT_TIMEOUT_MS = 5_000;

/** What Temporal's SDK answers for every workflow. */
interface Metadata {
  /** The Markdown that the Web UI shows. */
  readonly currentDetails?: string;
}

/** Prints one run that is neither a backfill nor a stream, in the words that the Web UI has of it. */
export async function showOther(named: NamedRun, json: boolean, io: CommandIo): Promise<void> {
  const { temporal, run } = named;
  const description = await temporal.client.workflow.getHandle(run.workflowId).describe();
  const listed = listedRun(description as unknown as Parameters<typeof listedRun>[0]);
  const running = listed.status === 'running';
  const end = running
    ? undefined
    : await awaitEnd(temporal, run.workflowId, AbortSignal.timeout(RESULT_TIMEOUT_MS));
  const patienceMs = await queryPatienceMs(temporal);
  const metadata = await queryRun<Metadata>(
    ...[temporal, run.workflowId, '__temporal_workflow_metadata', patienceMs],
  );
  const details = linesOf(metadata?.currentDetails);
  const reason = end !== undefined && 'failure' in end ? failedRun(end.failure).reason : undefined;
  if (json) {
    const result = end !== undefined && 'result' in end ? end.result : null;
    printJson(io, { ...runEntry(listed, Date.now()), details, result, reason: reason ?? null });
    return;
  }
  const link = runLink(named.config.temporal, run);
  print(io, [
    ...headLines(listed, await description.staticSummary(), Date.now()),
    ...(metadata === undefined && running ? [NO_WORKER] : details),
    ...(reason === undefined ? [] : [reason]),
    ...(link === undefined ? [] : [link]),
  ]);
}

/** Without the marks of Markdown. */
function linesOf(details: string | undefined): string[] {
  return (details ?? '')
    .replaceAll('**', '')
    .split('\n')
    .filter((line) => line !== '');
}
