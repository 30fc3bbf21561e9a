import type { BudgetClass } from './budget.js';
import type { Instrument, Turnover } from './instrument.js';
import type { CandlePage } from './page.js';
import type { Series } from './series.js';
import type { TimeRange } from './time-range.js';

export interface RequestOptions {
  readonly budgetClass: BudgetClass;
  /** Ends the wait for the budget or the answer. */
  readonly signal?: AbortSignal;
}

/**
 * The venue's public REST. Every method is exactly one request and never retries.
 *
 * @throws RetrySoon, WaitUntil, GiveUpSymbol, GiveUpRun as `failure.ts` says
 */
export interface Venue {
  /** The venue's clock, ms since 1970. */
  serverTimeMs(options: RequestOptions): Promise<number>;
  instruments(options: RequestOptions): Promise<readonly Instrument[]>;
  turnovers(options: RequestOptions): Promise<readonly Turnover[]>;
  /**
   * The candles of `window`, which lies on the grid and holds at most `PAGE_CANDLES`.
   * Rows are sorted, equal duplicates dropped, rows outside the window dropped.
   */
  candles(series: Series, window: TimeRange, options: RequestOptions): Promise<CandlePage>;
}
