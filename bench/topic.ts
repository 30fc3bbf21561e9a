import type { Bed } from './bed.js';

/** What a topic works with. */
export interface TopicContext {
  readonly bed: Bed;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
  /** A line of the result, on stdout. */
  readonly print: (line: string) => void;
  /** What is being done, on stderr. */
  readonly say: (line: string) => void;
}

/** One thing that is measured, run by its name. */
export interface Topic {
  readonly name: string;
  readonly about: string;
  readonly run: (context: TopicContext) => Promise<void>;
}
