import type { RetentionRule, RetentionTally } from '../../domain/retention.js';
import type { Series } from '../../domain/series.js';

/** What a run goes by from its beginning to its end. */
export interface RetentionOrder {
  readonly dryRun: boolean;
  /** Label of the venue. */
  readonly source: string;
  /** A worker of another database refuses the run. */
  readonly databaseId: string;
  /** Shortest timeframe first; empty: `RETENTION` of the worker is none. */
  readonly rules: readonly RetentionRule[];
}

/** How far a run is. */
export interface RetentionCursor {
  /** The series that was looked at last; undefined: none yet. */
  readonly after?: Series;
  /** What was found since the slice began. */
  readonly tallies: readonly RetentionTally[];
}

export interface RetentionSlice extends RetentionCursor {
  /** Every series has been looked at. */
  readonly done: boolean;
}

export interface RetentionActivities {
  /** Asks the venue for its time and puts the rules of this worker in force, unless `dryRun`. */
  beginRetention(dryRun: boolean): Promise<RetentionOrder>;
  /**
   * Goes on for some seconds, at least over one series. A killed attempt is repeated: the tables say
   * what is left.
   */
  retainSlice(order: RetentionOrder, after: Series | undefined): Promise<RetentionSlice>;
}
