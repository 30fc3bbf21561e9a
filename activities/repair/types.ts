import type { RepairRun } from '../../domain/repair.js';

export interface RepairActivities {
  /**
   * Asks again for every gap that is due, stores what the venue has, sets the next ask, and types what
   * is proved. Compares the stored rows with coverage as well when that is due.
   */
  repairDue(): Promise<RepairRun>;
  /**
   * Starts the repair, or wakes it, when gaps are due or will be.
   *
   * @returns whether it did
   */
  wakeRepair(): Promise<boolean>;
}
