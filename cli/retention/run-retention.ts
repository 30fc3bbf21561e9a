import { setTimeout as sleep } from 'node:timers/promises';
import type {
  RetentionProgress,
  RetentionRequest,
  RetentionResult,
} from '../../domain/retention.js';
import { RETENTION_SCHEDULE_ID, RETENTION_WORKFLOW_TYPE } from '../../domain/workflow-names.js';
import type { Config } from '../../runtime/config.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { EXIT } from '../exit-codes.js';
import { print, printJson, say, type CommandIo } from '../io.js';
import { awaitEnd, type RunEnd } from '../../steering/await-end.js';
import { queryPatienceMs, queryRun, whyUnanswered } from '../../steering/missing-worker.js';
import { orAborted } from '../../runtime/or-aborted.js';
import { failedRun } from '../runs/run-outcome.js';
import { startOrJoin, type StartedRun } from '../../steering/start-run.js';
import { withTemporal } from '../runs/temporal-session.js';
import { progressLine, retentionLines, tallyDocument } from './retention-lines.js';

export interface RunRetentionOptions {
  readonly config: Config;
  readonly dryRun: boolean;
  readonly json: boolean;
  /** Leaves the run going on. */
  readonly signal: AbortSignal;
}

const REFRESH_MS = 1_000;

/** Starts the retention, or joins a run of this command, and waits for it. @returns the exit code */
export async function runRetention(options: RunRetentionOptions, io: CommandIo): Promise<number> {
  const { config, dryRun, json, signal } = options;
  return withTemporal(config, async (temporal) => {
    const run = await start(temporal, { dryRun });
    say(io, `${run.joined ? 'joined' : 'started'} ${run.workflowId}`);
    const done = new AbortController();
    const watching = watch(temporal, run, AbortSignal.any([done.signal, signal]), io);
    const end = await awaitEnd(temporal, run.workflowId, signal).finally(() => done.abort());
    await watching;
    return report(run, end, { dryRun, json }, io);
  });
}

function start(temporal: TemporalClient, request: RetentionRequest): Promise<StartedRun> {
  const { dryRun } = request;
  return startOrJoin(temporal, {
    workflowType: RETENTION_WORKFLOW_TYPE,
    workflowId: `${RETENTION_SCHEDULE_ID}/${dryRun ? 'dry-run' : 'by-hand'}`,
    input: request,
    kind: 'retention',
    staticSummary: dryRun ? 'What the retention would remove' : 'Retention, started by hand',
    staticDetails: 'Removes candles older than `RETENTION`. Query: `progress`',
  });
}

/** Says how far the run is, or that nobody does it, whenever that has changed. */
async function watch(
  temporal: TemporalClient,
  { workflowId, joined }: StartedRun,
  signal: AbortSignal,
  io: CommandIo,
): Promise<void> {
  let said: string | undefined;
  while (!signal.aborted) {
    const patienceMs = await queryPatienceMs(temporal);
    const asked = queryRun<RetentionProgress>(temporal, workflowId, 'progress', patienceMs);
    const progress = await orAborted(asked, signal);
    const line =
      progress === undefined
        ? await whyUnanswered(temporal, workflowId, joined)
        : progressLine(progress.tallies);
    if (isAborted(signal)) return;
    if (line !== undefined && line !== '' && line !== said) say(io, line);
    said = line;
    await sleep(REFRESH_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** A function, because the compiler takes the flag for unchanged across an await. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function report(
  { workflowId, runId }: StartedRun,
  end: RunEnd | undefined,
  { dryRun, json }: Pick<RunRetentionOptions, 'dryRun' | 'json'>,
  io: CommandIo,
): number {
  const identity = { workflow_id: workflowId, run_id: runId };
  if (end === undefined) {
    if (json) printJson(io, { ...identity, status: 'running', dry_run: dryRun });
    say(io, `left running: m1 runs cancel ${workflowId} ends it`);
    return EXIT.done;
  }
  if ('failure' in end) {
    const { reason, exitCode } = failedRun(end.failure);
    if (json) printJson(io, { ...identity, status: 'failed', dry_run: dryRun });
    say(io, `m1: ${reason}`);
    return exitCode;
  }
  const result = end.result as RetentionResult;
  if (!json) print(io, retentionLines(result));
  else {
    printJson(io, {
      ...{ ...identity, status: 'done', dry_run: result.dryRun, source: result.source },
      ...{ seconds: result.seconds, timeframes: result.tallies.map(tallyDocument) },
    });
  }
  return EXIT.done;
}
