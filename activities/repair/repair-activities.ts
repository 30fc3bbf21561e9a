import { activityInfo, cancellationSignal, getClient } from '@temporalio/activity';
import { NO_REPAIRS, type RepairCounts, type RepairRun } from '../../domain/repair.js';
import type {
  CandleStore,
  GapQueue,
  RowScan,
  SourceStore,
  SymbolStore,
} from '../../domain/stores.js';
import type { Venue } from '../../domain/venue.js';
import type { RepairMetrics } from '../../runtime/metrics/repair-metrics.js';
import { currentOrigin } from '../current-origin.js';
import { startHeartbeat } from '../heartbeat.js';
import { refuseOtherSource } from '../refuse-other-source.js';
import { translated } from '../translated.js';
import { CurrentListing } from './current-listing.js';
import { Repair } from './repair.js';
import type { RepairActivities } from './types.js';
import { wakeRepair } from './wake-repair.js';

export interface RepairActivityDeps {
  readonly venue: Venue;
  readonly candles: CandleStore;
  readonly symbols: SymbolStore;
  readonly gaps: GapQueue;
  readonly rows: RowScan;
  readonly source: SourceStore;
  readonly sourceLabel: string;
  readonly metrics: RepairMetrics;
  /** Waits between the answers that prove a gap, ms, from `GAP_REASK`. */
  readonly reaskMs: readonly number[];
  /** Local clock, ms since 1970. */
  readonly nowMs: () => number;
}

/** The activities of the repair. */
export function createRepairActivities(deps: RepairActivityDeps): RepairActivities {
  const ofOurVenue = <Result>(work: () => Promise<Result>): Promise<Result> =>
    translated(deps.nowMs, async () => {
      await refuseOtherSource(deps.source, deps.sourceLabel);
      return work();
    });
  return {
    repairDue: () =>
      ofOurVenue(async () => ({ ...(await repairDue(deps)), source: deps.sourceLabel })),
    wakeRepair: () =>
      ofOurVenue(async () => {
        const wanted = (await deps.gaps.waiting()) > 0;
        if (wanted) await wakeRepair(getClient());
        return wanted;
      }),
  };
}

/**
 * What is known to be missing goes before the scan, and again between its parts: a scan counts every
 * stored row, and a lost connection must not wait for that.
 */
async function repairDue(deps: RepairActivityDeps): Promise<RepairRun> {
  let run = await repairKnown(deps, activityInfo().heartbeatDetails as RepairCounts | undefined);
  if (!(await deps.rows.isDue())) return run;
  const repairMore = async (): Promise<RepairCounts> => {
    if ((await deps.gaps.due(1)).length > 0) run = await repairKnown(deps, run);
    return run;
  };
  await scan(deps, run, repairMore);
  await repairMore();
  return run;
}

async function repairKnown(
  deps: RepairActivityDeps,
  counts: RepairCounts = NO_REPAIRS,
): Promise<RepairRun> {
  const heartbeat = startHeartbeat(counts);
  const signal = cancellationSignal();
  const repair = new Repair(
    {
      ...deps,
      signal,
      reaskMs: deps.reaskMs[0] ?? 0,
      listing: new CurrentListing({ ...deps, signal }),
      origin: currentOrigin('repair'),
      onProgress: (next) => heartbeat.progress(next),
    },
    counts,
  );
  try {
    return await repair.run();
  } finally {
    heartbeat.stop();
  }
}

async function scan(
  { rows, metrics }: RepairActivityDeps,
  counts: RepairCounts,
  meanwhile: () => Promise<RepairCounts>,
): Promise<void> {
  const heartbeat = startHeartbeat(counts);
  try {
    const { candles } = await rows.scan(currentOrigin('repair'), {
      signal: cancellationSignal(),
      afterPart: async () => heartbeat.progress(await meanwhile()),
    });
    metrics.drifted(candles);
  } finally {
    heartbeat.stop();
  }
}
