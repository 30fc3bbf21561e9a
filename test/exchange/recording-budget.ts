import type { BudgetClass, BudgetSlot, RequestBudget } from '../../domain/budget.js';

/** Grants at once and keeps count. */
export class RecordingBudget implements RequestBudget {
  readonly taken: BudgetClass[] = [];
  readonly bans: number[] = [];
  /** How often each slot was settled, in the order of granting. */
  readonly settled: number[] = [];

  take(budgetClass: BudgetClass, _signal?: AbortSignal): Promise<BudgetSlot> {
    const index = this.taken.push(budgetClass) - 1;
    this.settled[index] = 0;
    return Promise.resolve({
      settle: () => {
        this.settled[index] = (this.settled[index] ?? 0) + 1;
      },
    });
  }

  ban(untilMs: number): Promise<void> {
    this.bans.push(untilMs);
    return Promise.resolve();
  }
}
