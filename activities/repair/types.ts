import type { RepairRun } from '../../domain/repair.js';
import type { ScanResult } from '../../domain/stores.js';

export interface RepairActivities {
  /**
   * Asks again for every gap that is due, stores what the venue has, sets the next ask, and types what
   * is proved. Compares the stored rows with coverage first when that is due.
   */
  repairDue(): Promise<RepairRun>;
  /**
   * Compares the stored rows with coverage: what was deleted by hand becomes gaps that are due at once.
   *
   * @param symbols default: all
   */
  scanStored(symbols?: readonly string[]): Promise<ScanResult>;
  /**
   * Starts the repair, or wakes it, when gaps are due or will be.
   *
   * @returns whether it did
   */
  wakeRepair(): Promise<boolean>;
}
