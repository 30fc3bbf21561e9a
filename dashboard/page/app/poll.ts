import { whenVisible } from '../dom/when-visible.js';
import { pollWaitMs } from './poll-wait.js';

export interface PollOptions {
  readonly read: () => Promise<void>;
  readonly everyMs: number;
  /** Told after each reading, undefined when it went well. */
  readonly onDone: (error: unknown) => void;
  readonly signal: AbortSignal;
}

export interface Poll {
  /** Reads as soon as possible, again when a reading is under way. */
  now(): void;
}

/** Reads again and again while the page can be seen, until `signal` aborts. */
export function startPoll({ read, everyMs, onDone, signal }: PollOptions): Poll {
  let asked = false;
  let wake: () => void = () => undefined;
  signal.addEventListener('abort', () => {
    asked = true;
    wake();
  });

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (asked) wake();
    });

  const readOnce = async (): Promise<void> => {
    const error: unknown = await read().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!signal.aborted) onDone(error);
  };

  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      asked = false;
      const beganMs = performance.now();
      await readOnce();
      await pause(pollWaitMs(everyMs, performance.now() - beganMs));
      await whenVisible(signal);
    }
  };
  void whenVisible(signal).then(loop);
  return {
    now: () => {
      asked = true;
      wake();
    },
  };
}
