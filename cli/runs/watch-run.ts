import { WrongUse } from '../../domain/failure.js';
import type { Config } from '../../runtime/config.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { EXIT } from '../exit-codes.js';
import { print, printJson, say, type CommandIo } from '../io.js';
import { createRunView } from '../render/run-view.js';
import { summaryLines } from '../render/run-summary.js';
import { followRun, type FollowedRun } from './follow-run.js';
import { openLiveCounts } from './live-counts.js';
import { runDocument } from './run-document.js';
import type { RunIdentity } from '../../steering/run-identity.js';
import { exitCodeOf } from './run-outcome.js';
import { isBackfill } from '../../steering/start-run.js';

export interface WatchOptions {
  readonly config: Config;
  readonly temporal: TemporalClient;
  readonly run: RunIdentity;
  /** Whether a worker is known to have worked on the run before. */
  readonly joined: boolean;
  readonly json: boolean;
  /** Leaves the run going on. */
  readonly signal: AbortSignal;
  /** What is said of a run that was left. @default that it goes on, and how to watch or cancel it */
  readonly leftText?: string;
}

/**
 * Shows a backfill until it ends, then what it came to.
 *
 * @returns the exit code
 * @throws WrongUse for a run of another kind
 */
export async function watchRun(options: WatchOptions, io: CommandIo): Promise<number> {
  const { config, temporal, run, joined, json, signal } = options;
  if (!isBackfill(run)) {
    const { workflowId } = run;
    throw new WrongUse(
      `only a backfill or the stream can be watched: m1 runs show ${workflowId} tells of this run`,
    );
  }
  const view = await createRunView({ stream: io.stderr, env: io.env, silent: json });
  const counts = openLiveCounts(config);
  try {
    const followed = await followRun({
      temporal,
      workflowId: run.workflowId,
      view,
      readLiveCounts: counts.read,
      readBanMs: counts.readBanMs,
      joined,
      signal,
    });
    return report(followed, options, io);
  } finally {
    await counts.close();
  }
}

function report({ outcome, progress }: FollowedRun, options: WatchOptions, io: CommandIo): number {
  const { run, json } = options;
  if (json) printJson(io, runDocument(run, outcome, progress, Date.now()));
  if (outcome === undefined) {
    const { workflowId } = run;
    const hint = `left running: m1 runs watch ${workflowId} shows it, m1 runs cancel ${workflowId} ends it`;
    say(io, options.leftText ?? hint);
    return EXIT.done;
  }
  if (outcome.kind === 'failed') say(io, `m1: ${outcome.reason}`);
  else if (!json) print(io, summaryLines(outcome.result, progress?.source));
  return exitCodeOf(outcome);
}
