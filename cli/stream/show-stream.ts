import { print, printJson, type CommandIo } from '../io.js';
import { headLines, runEntry } from '../render/run-table.js';
import { plainStreamLine } from '../render/stream-lines.js';
import { awaitEnd } from '../../steering/await-end.js';
import { listedRun } from '../../steering/list-runs.js';
import { NO_WORKER } from '../../steering/missing-worker.js';
import { runLink } from '../../steering/web-ui.js';
import type { NamedRun } from '../runs/with-run.js';
import { NO_PRICES } from './prices.js';
import { readStanding } from '../../steering/read-standing.js';
import { streamSummary } from '../../steering/start-stream.js';
import { streamDocument } from './stream-document.js';
import { outcomeText, streamOutcome } from './stream-outcome.js';
import type { StreamStanding } from '../../steering/stream-standing.js';

/** A stream that has ended gives its result at once. */
const RESULT_TIMEOUT_MS = 5_000;

/** Prints one stream: what it follows, its figures, or how it ended. */
export async function showStream(named: NamedRun, json: boolean, io: CommandIo): Promise<void> {
  const { temporal, run } = named;
  const description = await temporal.client.workflow.getHandle(run.workflowId).describe();
  const listed = listedRun(description);
  const end =
    listed.status === 'running'
      ? undefined
      : await awaitEnd(temporal, run.workflowId, AbortSignal.timeout(RESULT_TIMEOUT_MS));
  const standing = await readStanding(temporal, run.workflowId);
  const nowMs = Date.now();
  if (json) {
    printJson(io, { ...runEntry(listed, nowMs), ...streamDocument(standing) });
    return;
  }
  const link = runLink(named.config.temporal, run);
  // what it was started with is no longer true after a change of the set
  const summary =
    standing.status === undefined
      ? await description.staticSummary()
      : streamSummary(standing.status.pairs);
  print(io, [
    ...headLines(listed, summary, nowMs),
    ...(end === undefined
      ? standingLines(standing, nowMs)
      : [outcomeText(streamOutcome(end), standing.status, listed.closedAtMs ?? nowMs)]),
    ...(link === undefined ? [] : [link]),
  ]);
}

function standingLines(standing: StreamStanding, nowMs: number): string[] {
  const { status } = standing;
  if (status === undefined) return [NO_WORKER];
  const { tickers } = NO_PRICES;
  const picture = { standing, messagesPerSecond: undefined, tickers, notices: [], hint: undefined };
  return [
    plainStreamLine({ ...picture, nowMs }),
    ...(status.symbols.length === 0 ? [] : [`follows ${status.symbols.join(', ')}`]),
  ];
}
