import { cancelled, Context, getClient } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { StreamActivities, StreamTask } from '../../activities/stream/types.js';
import type { StreamPairs, StreamPlan } from '../../domain/stream.js';
import { STREAM_LIVE_SIGNAL } from '../../domain/workflow-names.js';

const BEAT_MS = 100;

/** Activities of a stream that do as the test says and note what happens, in order. */
export class ScriptedStream implements StreamActivities {
  /** Such as `plan`, `start 1`, `live 1`, `cancel 1`, `drained 1`. */
  readonly events: string[] = [];
  readonly tasks: StreamTask[] = [];
  /** Pairs that were to be planned, in order. */
  readonly planned: StreamPairs[] = [];
  /** Runs before a plan is answered: throws, or waits. */
  beforePlan: (pairs: StreamPairs) => void | Promise<void> = () => undefined;
  /** Runs before an activity says that it is live: throws, or waits. */
  beforeLive: (task: StreamTask) => void | Promise<void> = () => undefined;
  /** Runs when an activity was cancelled, before it ends. */
  drain: (task: StreamTask) => Promise<void> = () => Promise.resolve();

  readonly planStream = async (pairs: StreamPairs): Promise<StreamPlan> => {
    this.planned.push(pairs);
    this.events.push('plan');
    try {
      await beating(Promise.resolve(this.beforePlan(pairs)));
    } catch (error) {
      if (error instanceof CancelledFailure) this.events.push('plan cancelled');
      throw error;
    }
    const symbols = pairs.kind === 'symbols' ? pairs.symbols : numbered(pairs.count);
    return { source: 'simulated', databaseId: 'db', symbols };
  };

  readonly runStream = async (task: StreamTask): Promise<void> => {
    const { generation } = task;
    this.tasks.push(task);
    this.events.push(`start ${generation}`);
    const ended = new Promise<never>(() => undefined);
    try {
      await beating(Promise.resolve(this.beforeLive(task)));
      await this.#tellLive(generation);
      await beating(ended);
    } catch (error) {
      if (!(error instanceof CancelledFailure)) throw error;
      this.events.push(`cancel ${generation}`);
      await this.drain(task);
      this.events.push(`drained ${generation}`);
      throw error;
    }
  };

  /** As a plan that nothing mends. */
  refuse(message: string): never {
    throw ApplicationFailure.nonRetryable(message, 'WrongUse');
  }

  has(event: string): boolean {
    return this.events.includes(event);
  }

  /** Whether both happened, in this order. */
  inOrder(first: string, second: string): boolean {
    return this.has(first) && this.events.indexOf(first) < this.events.indexOf(second);
  }

  async #tellLive(generation: number): Promise<void> {
    const workflowId = Context.current().info.workflowExecution?.workflowId ?? '';
    await getClient().workflow.getHandle(workflowId).signal(STREAM_LIVE_SIGNAL, generation);
    this.events.push(`live ${generation}`);
  }
}

/** The work, with heartbeats. @throws CancelledFailure once the activity is cancelled */
async function beating<Result>(work: Promise<Result>): Promise<Result> {
  const context = Context.current();
  const beats = setInterval(() => context.heartbeat(), BEAT_MS);
  try {
    return await Promise.race([work, cancelled()]);
  } finally {
    clearInterval(beats);
  }
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `S${i}USDT`);
}
