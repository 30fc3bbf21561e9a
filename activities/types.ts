import type { BackfillPlan, BackfillRequest, FailedSeries } from '../domain/backfill.js';
import type { RunCounts } from '../domain/stores.js';
import type { Timeframe } from '../domain/timeframe.js';

/** One symbol's share of a backfill. */
export interface SymbolTask {
  readonly symbol: string;
  readonly timeframes: readonly Timeframe[];
  /** Label of the venue, the plan's own; runs that began before it was handed on lack it. */
  readonly source?: string;
  /** The plan's own; a worker of another database refuses the task. */
  readonly databaseId: string;
  readonly fromMs: number;
  /** Exclusive, by open time. */
  readonly toMs: number;
  /** The venue's clock when the plan was made, ms. */
  readonly venueTimeMs: number;
  /** The plan has aged and ends at "now": ask the venue for its time and go on to that. */
  readonly goOnToNow: boolean;
  readonly onlyFailed: boolean;
}

/** What the workflows call. Each is bound to its task queue and policy in `workflows/policies.ts`. */
export interface BackfillActivities {
  /**
   * Decides what a run does: symbols, range, and the most it can cost.
   * Fails with `WrongUse` for unknown symbols or another venue's database.
   */
  planBackfill(request: BackfillRequest): Promise<BackfillPlan>;
  /**
   * Stores every candle of the task that is not settled yet; resumes from coverage, so it may be
   * run any number of times. Fails with `SeriesFailed` when the venue gives up on some series.
   * @returns what this workflow run has asked and stored, earlier attempts included
   */
  backfillSymbol(task: SymbolTask): Promise<RunCounts>;
  /** Settles what is left of the failed series as gaps of kind `failed`. */
  recordFailed(task: SymbolTask, failed: readonly FailedSeries[]): Promise<RunCounts>;
}
