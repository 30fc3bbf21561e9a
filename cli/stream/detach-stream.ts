import { EXIT } from '../exit-codes.js';
import { print, say, type CommandIo } from '../io.js';
import { whyUnanswered } from '../../steering/missing-worker.js';
import { endSession, type SessionEndOptions } from './end-session.js';
import { pollStream } from './poll-stream.js';
import { readStanding } from '../../steering/read-standing.js';
import {
  hasBeenLive,
  streamWord,
  whyUnreachable,
  type StreamStanding,
} from '../../steering/stream-standing.js';

/** A venue that can be reached is live within this time, ms. */
const CONNECT_PATIENCE_MS = 10_000;
/** Choosing the symbols waits for a venue that is slow or limits its answers, ms. */
const PLAN_PATIENCE_MS = 60_000;

export interface DetachOptions extends SessionEndOptions {
  readonly signal: AbortSignal;
}

/** What to do about a stream that is to be left alone as soon as it runs. */
type Settled =
  | { readonly kind: 'runs'; readonly text: string }
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** It goes on trying, and nobody waits for it. */
  | { readonly kind: 'late'; readonly text: string };

/** Returns when the stream runs, or cannot. @returns the exit code */
export async function detachStream(options: DetachOptions, io: CommandIo): Promise<number> {
  const { temporal, run, tell } = options;
  const { workflowId, joined } = run;
  const verdict = await pollStream(options, async (waitedMs): Promise<Settled | undefined> => {
    const standing = await readStanding(temporal, workflowId);
    if (standing.status === undefined) {
      const notice = await whyUnanswered(temporal, workflowId, joined);
      return notice === undefined ? undefined : { kind: 'late', text: notice };
    }
    const judged = judgeDetached(standing, joined, waitedMs);
    return judged.kind === 'wait' ? undefined : judged;
  });
  switch (verdict.kind) {
    case 'runs':
      tell(verdict.text);
      print(io, [workflowId]);
      return EXIT.done;
    case 'late':
      say(io, `m1: ${verdict.text}`);
      return EXIT.failed;
    default:
      return endSession(verdict, options, io);
  }
}

/** A stream that changes its set goes on meanwhile. */
function joinedText(word: string): string {
  return word === 'rotating'
    ? 'the stream goes on while it opens connections for the new pairs'
    : `the stream is ${word}`;
}

/** @param waitedMs since the command began */
export function judgeDetached(
  standing: StreamStanding,
  joined: boolean,
  waitedMs: number,
): Settled | { readonly kind: 'wait' } {
  const word = streamWord(standing);
  if (joined) return { kind: 'runs', text: joinedText(word) };
  if (hasBeenLive(standing)) return { kind: 'runs', text: 'the stream is live' };
  const reason = whyUnreachable(standing);
  if (reason !== undefined) return { kind: 'unreachable', reason };
  if (standing.activity?.started === true && waitedMs >= CONNECT_PATIENCE_MS) {
    return { kind: 'runs', text: `the stream is still ${word}: m1 runs show stream` };
  }
  if (waitedMs < PLAN_PATIENCE_MS) return { kind: 'wait' };
  const seconds = PLAN_PATIENCE_MS / 1000;
  return {
    kind: 'late',
    text: `the stream has not begun within ${seconds} s (${word}) and goes on trying: m1 runs show stream`,
  };
}
