import { ServerAway } from '../../domain/failure.js';
import type { StreamPairs } from '../../domain/stream.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { workerPolls } from '../../runtime/worker-presence.js';
import { DEFAULT_TOP } from '../parse-pairs.js';
import { NO_WORKER } from '../../steering/missing-worker.js';
import { pairsText } from '../../steering/pairs-text.js';
import type { StartedRun } from '../../steering/start-run.js';
import type { FollowedStream } from '../stream/follow-stream.js';
import { awaitStatus, changeSymbols } from '../stream/join-stream.js';
import { pollStream } from '../stream/poll-stream.js';
import { readStanding } from '../../steering/read-standing.js';
import { startOrJoinStream } from '../../steering/start-stream.js';
import { streamWord, whyUnreachable } from '../../steering/stream-standing.js';
import { changeText } from '../stream/symbol-sets.js';

/** Choosing the symbols waits for a venue that is slow or limits its answers, ms. */
const PATIENCE_MS = 90_000;

export interface BeginOptions {
  readonly temporal: TemporalClient;
  /** Undefined: what runs already, or the top 50. */
  readonly pairs: StreamPairs | undefined;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Starts or joins the stream, which then follows the pairs that were asked for.
 *
 * @throws ServerAway when no worker runs: nothing is started that nobody would stop
 */
export async function beginStream(options: BeginOptions): Promise<StartedRun> {
  const { temporal, pairs, tell, signal } = options;
  if (!(await workerPolls(temporal))) throw new ServerAway(NO_WORKER);
  const asked = pairs ?? { kind: 'top', count: DEFAULT_TOP };
  const run = await startOrJoinStream(temporal, asked);
  const { workflowId, joined } = run;
  tell(joined ? 'joined the stream that runs' : `started a stream of ${pairsText(asked)}`);
  if (!joined || pairs === undefined) return run;
  const status = await awaitStatus({ temporal, workflowId, tell, once: false, signal });
  if (status === undefined) return run;
  const change = await changeSymbols(temporal, workflowId, status, pairs);
  if (change !== undefined) tell(changeText(change));
  return run;
}

/** It goes on trying, and nobody waits for it. */
export interface LateStream {
  readonly kind: 'late';
  readonly reason: string;
}

/** Waits until data flows on every connection. @returns why it does not */
export async function awaitLive(
  temporal: TemporalClient,
  run: StartedRun,
  signal: AbortSignal,
): Promise<{ readonly kind: 'live' } | LateStream | FollowedStream> {
  return pollStream({ temporal, run, signal }, async (waitedMs) => {
    const standing = await readStanding(temporal, run.workflowId);
    if (standing.activity?.figures?.state === 'live') return { kind: 'live' };
    const reason = whyUnreachable(standing);
    if (reason !== undefined) return { kind: 'unreachable', reason };
    if (waitedMs < PATIENCE_MS) return undefined;
    const seconds = PATIENCE_MS / 1000;
    return {
      kind: 'late',
      reason: `the stream is not live after ${seconds} s (${streamWord(standing)}): m1 runs show stream`,
    };
  });
}
