import { Context } from '@temporalio/activity';

/**
 * How often an activity says that it lives, ms. The replies bring pause and cancel, so it is more
 * often than the heartbeat timeout demands.
 */
const BEAT_MS = 2_000;

/**
 * An activity that has finished nothing for this long is no longer believed, ms. Every request and
 * query below it is bounded by far less, so silence means a fault in this process.
 */
const STUCK_MS = 180_000;

/** Heartbeats in the background while work goes on. */
export interface Heartbeat<Details> {
  /** Something was finished; `details` is what the next attempt resumes with. */
  progress(details: Details): void;
  stop(): void;
}

export function startHeartbeat<Details>(initial: Details): Heartbeat<Details> {
  const context = Context.current();
  let details = initial;
  let progressAt = performance.now();
  context.heartbeat(details);
  const timer = setInterval(() => {
    if (performance.now() - progressAt < STUCK_MS) context.heartbeat(details);
  }, BEAT_MS);
  return {
    progress(next) {
      details = next;
      progressAt = performance.now();
      context.heartbeat(details);
    },
    stop() {
      clearInterval(timer);
    },
  };
}
