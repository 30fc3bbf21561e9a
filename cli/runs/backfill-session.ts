import type { BackfillRequest } from '../../domain/backfill.js';
import type { Config } from '../../runtime/config.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { EXIT } from '../exit-codes.js';
import { print, printJson, say, type CommandIo } from '../io.js';
import { NO_WORKER, workerTakes } from '../../steering/missing-worker.js';
import { requestText } from '../../steering/request-text.js';
import { runDocument } from './run-document.js';
import { startOrJoinBackfill, type StartedRun } from '../../steering/start-run.js';
import { withTemporal } from './temporal-session.js';
import { watchRun, type WatchOptions } from './watch-run.js';
import { runLink } from '../../steering/web-ui.js';

export interface BackfillSessionOptions extends Pick<WatchOptions, 'leftText' | 'signal'> {
  readonly config: Config;
  readonly request: BackfillRequest;
  /** Returns as soon as a worker has the run. */
  readonly detach: boolean;
  readonly json: boolean;
}

/** Starts or joins a backfill and shows it. @returns the exit code */
export async function backfillSession(
  options: BackfillSessionOptions,
  io: CommandIo,
): Promise<number> {
  const { config, request, detach, json } = options;
  return withTemporal(config, async (temporal) => {
    const run = await startOrJoinBackfill(temporal, request);
    announce(run, options, io);
    if (detach) return detached(temporal, run, json, io);
    return watchRun({ ...options, temporal, run, joined: run.joined }, io);
  });
}

function announce(
  run: StartedRun,
  { config, request }: BackfillSessionOptions,
  io: CommandIo,
): void {
  const how = run.joined ? 'joined the run that does this already' : 'started';
  say(io, `${requestText(request)}: ${how}, ${run.workflowId}`);
  const link = runLink(config.temporal, run);
  if (link !== undefined) say(io, link);
}

async function detached(
  temporal: TemporalClient,
  run: StartedRun,
  json: boolean,
  io: CommandIo,
): Promise<number> {
  const taken = await workerTakes(temporal, run.workflowId, run.joined);
  if (!taken) say(io, `m1: ${NO_WORKER}`);
  if (json) printJson(io, runDocument(run, undefined, undefined, Date.now()));
  else if (taken) print(io, [run.workflowId]);
  return taken ? EXIT.done : EXIT.failed;
}
