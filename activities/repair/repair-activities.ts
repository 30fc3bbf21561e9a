import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { RepairCounts } from '../../domain/repair.js';
import type { CandleStore, GapQueue, SourceStore } from '../../domain/stores.js';
import type { Venue } from '../../domain/venue.js';
import { currentOrigin } from '../current-origin.js';
import { startHeartbeat } from '../heartbeat.js';
import { refuseOtherSource } from '../refuse-other-source.js';
import { translated } from '../translated.js';
import { Repair } from './repair.js';
import type { RepairActivities } from './types.js';

export interface RepairActivityDeps {
  readonly venue: Venue;
  readonly candles: CandleStore;
  readonly gaps: GapQueue;
  readonly source: SourceStore;
  readonly sourceLabel: string;
  /** Waits between the answers that prove a gap, ms, from `GAP_REASK`. */
  readonly reaskMs: readonly number[];
  /** Local clock, ms since 1970. */
  readonly nowMs: () => number;
}

const NOTHING: RepairCounts = { requests: 0, candles: 0, gaps: 0 };

/** The activity of the repair. */
export function createRepairActivities(deps: RepairActivityDeps): RepairActivities {
  return {
    repairDue: () =>
      translated(deps.nowMs, async () => {
        await refuseOtherSource(deps.source, deps.sourceLabel);
        const counts = (activityInfo().heartbeatDetails as RepairCounts | undefined) ?? NOTHING;
        const heartbeat = startHeartbeat(counts);
        const repair = new Repair(
          {
            ...deps,
            reaskMs: deps.reaskMs[0] ?? 0,
            origin: currentOrigin('repair'),
            signal: cancellationSignal(),
            onProgress: (next) => heartbeat.progress(next),
          },
          counts,
        );
        try {
          return await repair.run();
        } finally {
          heartbeat.stop();
        }
      }),
  };
}
