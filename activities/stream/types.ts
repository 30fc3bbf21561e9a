import type { StreamPairs, StreamPlan } from '../../domain/stream.js';

/** What one stream activity follows. */
export interface StreamTask {
  readonly symbols: readonly string[];
  /** The plan's own; a worker of another database refuses the task. */
  readonly databaseId: string;
  /** Rises with each activity of the workflow; told back by the signal that the stream is live. */
  readonly generation: number;
}

export interface StreamActivities {
  /** Chooses the symbols. Fails with `WrongUse` for unknown ones or another venue's database. */
  planStream(pairs: StreamPairs): Promise<StreamPlan>;
  /**
   * Holds the sockets until it is cancelled; its heartbeats carry `StreamFigures`. Tells its workflow
   * by a signal when data flows.
   */
  runStream(task: StreamTask): Promise<void>;
}
