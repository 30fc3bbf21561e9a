import type { RepairCounts } from '../../domain/repair.js';

export interface RepairActivities {
  /** Asks again for every gap that is due, stores what the venue has, and sets the next ask. */
  repairDue(): Promise<RepairCounts>;
}
