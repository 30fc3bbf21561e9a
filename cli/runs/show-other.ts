import { print, printJson, type CommandIo } from '../io.js';
import { headLines, runEntry } from '../render/run-table.js';
import { awaitEnd } from '../../steering/await-end.js';
import { listedRun } from '../../steering/list-runs.js';
import { NO_WORKER, queryPatienceMs } from '../../steering/missing-worker.js';
import { queryDetails } from '../../steering/run-details.js';
import { failedRun } from './run-outcome.js';
import { runLink } from '../../steering/web-ui.js';
import type { NamedRun } from './with-run.js';

/** A run that has ended gives its result at once. */
const RESULT_TIMEOUT_MS = 5_000;

/** Prints one run that is neither a backfill nor a stream, in the words that the Web UI has of it. */
export async function showOther(named: NamedRun, json: boolean, io: CommandIo): Promise<void> {
  const { temporal, run } = named;
  const description = await temporal.client.workflow.getHandle(run.workflowId).describe();
  const listed = listedRun(description);
  const running = listed.status === 'running';
  const end = running
    ? undefined
    : await awaitEnd(temporal, run.workflowId, AbortSignal.timeout(RESULT_TIMEOUT_MS));
  const patienceMs = await queryPatienceMs(temporal);
  const details = await queryDetails(temporal, run, patienceMs);
  const reason = end !== undefined && 'failure' in end ? failedRun(end.failure).reason : undefined;
  if (json) {
    const result = end !== undefined && 'result' in end ? end.result : null;
    printJson(io, {
      ...runEntry(listed, Date.now()),
      details: details ?? [],
      result,
      reason: reason ?? null,
    });
    return;
  }
  const link = runLink(named.config.temporal, run);
  print(io, [
    ...headLines(listed, await description.staticSummary(), Date.now()),
    ...(details ?? (running ? [NO_WORKER] : [])),
    ...(reason === undefined ? [] : [reason]),
    ...(link === undefined ? [] : [link]),
  ]);
}
