import type { StreamStatus } from '../../domain/stream.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { EXIT } from '../exit-codes.js';
import { say, type CommandIo } from '../io.js';
import type { StartedRun } from '../../steering/start-run.js';
import type { FollowedStream } from './follow-stream.js';
import { exitCodeOfStream, outcomeText } from './stream-outcome.js';
import { stopStream, whyStillOpen } from './stop-stream.js';

export interface SessionEndOptions {
  readonly temporal: TemporalClient;
  readonly run: StartedRun;
  /** Tells what is no failure. */
  readonly tell: (line: string) => void;
  /** The last that was heard of the stream. */
  readonly status?: StreamStatus | undefined;
  /** The servers end with the session, so that nothing runs behind it. */
  readonly serversEnd?: boolean;
}

/** What Ctrl-C does, for the line below a live view. */
export function hintText({
  run,
  serversEnd,
}: Pick<SessionEndOptions, 'run' | 'serversEnd'>): string {
  if (serversEnd === true) return 'Ctrl-C stops everything';
  return run.joined ? 'Ctrl-C leaves it running' : 'Ctrl-C stops the stream';
}

/**
 * Says how the watching of a stream ended, and stops one that its own session leaves.
 *
 * @returns the exit code
 */
export async function endSession(
  followed: FollowedStream,
  options: SessionEndOptions,
  io: CommandIo,
): Promise<number> {
  const { run, tell, status } = options;
  switch (followed.kind) {
    case 'stopped':
      tell(outcomeText(followed, status, Date.now()));
      return EXIT.done;
    case 'failed':
      say(io, `m1: ${followed.reason}`);
      return followed.exitCode;
    case 'unreachable':
      say(io, `m1: ${unreachableText(followed.reason)}`);
      await stopOwn(options, io);
      return EXIT.failed;
    case 'left':
      if (!run.joined) return stopOwn(options, io);
      tell(
        options.serversEnd === true
          ? 'the stream goes on at the next m1 up; m1 stream stop ends it then'
          : 'left running: m1 stream stop ends it, m1 stream shows it',
      );
      return EXIT.done;
  }
}

/** The cause and the next step, in one line. */
export function unreachableText(reason: string): string {
  return `the stream cannot connect: ${reason}: check BYBIT_WS_URL of the worker, its network, and that ByBit serves its region`;
}

async function stopOwn({ temporal, tell }: SessionEndOptions, io: CommandIo): Promise<number> {
  tell('stopping the stream');
  const ended = await stopStream(temporal);
  if (ended === undefined) {
    say(io, `m1: ${await whyStillOpen(temporal)}`);
    return EXIT.done;
  }
  const { outcome, text } = ended;
  if (outcome.kind === 'failed') say(io, `m1: ${text}`);
  else tell(text);
  return exitCodeOfStream(outcome);
}
