/** Who asks: a backfill leaves a share of the budget to those that keep live data whole. */
export type BudgetClass = 'backfill' | 'upkeep';

/** Permission for one request. Must be settled, or the slot stays taken until its timeout. */
export interface BudgetSlot {
  /** Call when the answer has arrived or the request has timed out. */
  settle(): void;
}

/** The one request budget that all workers of one IP share. */
export interface RequestBudget {
  /**
   * Waits until a request may be sent.
   * @throws WaitUntil when the venue has banned this IP
   * @throws the signal's reason when it aborts first
   */
  take(budgetClass: BudgetClass, signal?: AbortSignal): Promise<BudgetSlot>;
  /** Records that the venue refuses all requests until `untilMs` (local clock, ms). */
  ban(untilMs: number): Promise<void>;
}
