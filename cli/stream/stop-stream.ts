import { streamWorkflowId, type StreamStatus } from '../../domain/stream.js';
import type { Config } from '../../runtime/config.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { EXIT } from '../exit-codes.js';
import { print, say, type CommandIo } from '../io.js';
import { queryRun, whyNotEnded } from '../../steering/missing-worker.js';
import { cancelAndAwait } from '../../steering/steer-run.js';
import { withTemporal } from '../runs/temporal-session.js';
import {
  exitCodeOfStream,
  outcomeText,
  streamOutcome,
  type StreamOutcome,
} from './stream-outcome.js';

/** What a stream was is only worth a short wait, ms. */
const QUERY_TIMEOUT_MS = 2_000;

/** Stops the stream that runs, whoever started it. @returns the exit code */
export async function stopRunningStream(
  config: Pick<Config, 'temporal'>,
  io: CommandIo,
): Promise<number> {
  return withTemporal(config, async (temporal) => {
    if (!(await isRunning(temporal))) {
      print(io, ['no stream is running']);
      return EXIT.done;
    }
    const ended = await stopStream(temporal);
    if (ended === undefined) {
      say(io, `m1: ${await whyStillOpen(temporal)}`);
      return EXIT.failed;
    }
    const { outcome, text } = ended;
    if (outcome.kind === 'failed') say(io, `m1: ${text}`);
    else print(io, [text]);
    return exitCodeOfStream(outcome);
  });
}

async function isRunning({ client }: TemporalClient): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(streamWorkflowId()).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return false;
    throw error;
  }
}

export interface EndedStream {
  readonly outcome: StreamOutcome;
  /** How it ended and what it was, in one line. */
  readonly text: string;
}

/**
 * Cancels the stream and waits for the end of its sockets.
 *
 * @returns undefined when it has not ended within 10 s
 * @throws ServerAway when Temporal does not answer
 */
export async function stopStream(temporal: TemporalClient): Promise<EndedStream | undefined> {
  const workflowId = streamWorkflowId();
  // asked while it lives: the worker lets go of a run that has ended
  const asked = queryRun<StreamStatus>(temporal, workflowId, 'status', QUERY_TIMEOUT_MS);
  const end = await cancelAndAwait(temporal, workflowId);
  if (end === undefined) return undefined;
  const outcome = streamOutcome(end);
  return { outcome, text: outcomeText(outcome, await asked, Date.now()) };
}

/** Why a stream that was asked to stop goes on, in one line. */
export async function whyStillOpen(temporal: TemporalClient): Promise<string> {
  const why = await whyNotEnded(temporal, streamWorkflowId());
  return `the stream was asked to stop, which it has not within 10 s: ${why}`;
}
