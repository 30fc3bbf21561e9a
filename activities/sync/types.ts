import type { StreamWish, SyncOutcome, SyncRequest } from '../../domain/sync.js';

export interface SyncActivities {
  /**
   * Brings one timeframe of the whole set up to the venue's now: what is missing at the new end of
   * each series, and its last closed candles again. Resumes from coverage. A series that the venue
   * gives up on is recorded and the others go on. Fails with `GiveUpRun` when the listing cannot be
   * had, and with `WrongUse` for another venue's database.
   */
  syncTimeframe(request: SyncRequest): Promise<SyncOutcome>;
  /** Makes the stream follow these pairs, when one runs and follows others. Never fails. */
  adaptStream(wish: StreamWish): Promise<void>;
}
