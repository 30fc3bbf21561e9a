import type { BudgetClass } from '../domain/budget.js';

/** The share of the places that a backfill leaves to upkeep, like its share of the budget. */
const UPKEEP_SHARE = 0.1;

/**
 * Bounds how many requests are under way. Upkeep goes first and has places of its own: those that a
 * backfill holds may all be waiting for the budget.
 */
export class InFlightPlaces {
  readonly #limits: Readonly<Record<BudgetClass, number>>;
  readonly #waiting = { upkeep: new Set<() => void>(), backfill: new Set<() => void>() };
  #taken = 0;

  constructor(limit: number) {
    this.#limits = { upkeep: limit, backfill: limit - Math.floor(limit * UPKEEP_SHARE) };
  }

  /**
   * Waits for a place.
   *
   * @returns gives the place back, to be called once
   * @throws the signal's reason when it aborts first
   */
  async take(budgetClass: BudgetClass, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    const queue = this.#waiting[budgetClass];
    await new Promise<void>((resolve, reject) => {
      const admit = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        queue.delete(admit);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', leave, { once: true });
      queue.add(admit);
      this.#admitWaiting();
    });
    return () => {
      this.#taken--;
      this.#admitWaiting();
    };
  }

  #admitWaiting(): void {
    for (const budgetClass of ['upkeep', 'backfill'] as const) {
      const queue = this.#waiting[budgetClass];
      for (const admit of queue) {
        if (this.#taken >= this.#limits[budgetClass]) break;
        queue.delete(admit);
        this.#taken++;
        admit();
      }
    }
  }
}
