import type { BudgetClass, BudgetSlot } from '../domain/budget.js';

interface Waiter {
  grant(slot: BudgetSlot): void;
  refuse(reason: unknown): void;
}

/** Those who wait for a slot, in the order in which they came, one queue a class. */
export class TakeQueue {
  readonly #waiting: Readonly<Record<BudgetClass, Set<Waiter>>> = {
    upkeep: new Set(),
    backfill: new Set(),
  };

  /** @throws the signal's reason when it aborts first */
  wait(budgetClass: BudgetClass, signal?: AbortSignal): Promise<BudgetSlot> {
    return new Promise((resolve, reject) => {
      const refuse = (reason: unknown): void => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the caller's own reason, or an error of this folder
        reject(reason);
      };
      if (signal?.aborted === true) {
        refuse(signal.reason);
        return;
      }
      const queue = this.#waiting[budgetClass];
      const abort = (): void => {
        queue.delete(waiter);
        refuse(signal?.reason);
      };
      const waiter: Waiter = {
        grant: (slot) => {
          signal?.removeEventListener('abort', abort);
          resolve(slot);
        },
        refuse: (reason) => {
          signal?.removeEventListener('abort', abort);
          refuse(reason);
        },
      };
      queue.add(waiter);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  count(budgetClass: BudgetClass): number {
    return this.#waiting[budgetClass].size;
  }

  /** Those who wait, of all classes. */
  get size(): number {
    return this.count('upkeep') + this.count('backfill');
  }

  /** Gives the slot to the first who waits; false when nobody does any more. */
  grant(budgetClass: BudgetClass, slot: BudgetSlot): boolean {
    const queue = this.#waiting[budgetClass];
    for (const waiter of queue) {
      queue.delete(waiter);
      waiter.grant(slot);
      return true;
    }
    return false;
  }

  refuseAll(reason: unknown): void {
    for (const queue of Object.values(this.#waiting)) {
      for (const waiter of queue) {
        queue.delete(waiter);
        waiter.refuse(reason);
      }
    }
  }
}
