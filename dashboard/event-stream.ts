import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Logger } from '../runtime/logger.js';
import { logFault } from './faults.js';
import type { LiveBoard } from './live-board.js';

/** Silence for longer than this would be taken for a dead connection, ms. */
const BEAT_MS = 5_000;

/** Browsers draw no faster than somebody can read, ms. */
const EVERY_MS = 250;

/** What streams of events are made with. */
export interface StreamContext {
  readonly board: LiveBoard;
  /** Ends them all. */
  readonly closing: AbortSignal;
  readonly logger: Pick<Logger, 'error'>;
}

export interface EventStreamOptions {
  /** The data of the next event, or a promise of it; undefined: there is nothing new. */
  readonly next: () => unknown;
  /** What is sent so that silence is a fault; undefined: a comment. */
  readonly beat: unknown;
  /** Ends the stream. */
  readonly signal: AbortSignal;
  /** Told when it has ended. */
  readonly onEnd: () => void;
  readonly logger: Pick<Logger, 'error'>;
}

/** Server-sent events, at most four a second. A browser that is slow gets fewer, each with all news. */
export function eventStream(
  context: Context,
  { next, beat, signal, onEnd, logger }: EventStreamOptions,
): Response {
  // proxies would hold events back
  context.header('x-accel-buffering', 'no');
  return streamSSE(context, async (stream) => {
    stream.onAbort(onEnd);
    let saidAtMs = -Infinity;
    const say = async (data: unknown): Promise<void> => {
      saidAtMs = performance.now();
      await stream.writeSSE({ data: JSON.stringify(data) });
    };
    try {
      while (!signal.aborted && !stream.aborted) {
        const data = await next();
        const silent = performance.now() - saidAtMs > BEAT_MS;
        if (data !== undefined) await say(data);
        else if (silent && beat !== undefined) await say(beat);
        else if (silent) {
          saidAtMs = performance.now();
          await stream.write(':\n\n');
        }
        await stream.sleep(EVERY_MS);
      }
    } catch (error) {
      // the end alone tells the page to ask again
      logFault(logger, context, error);
    } finally {
      onEnd();
    }
  });
}
