import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { SourceStore } from '../../domain/stores.js';
import type { Venue } from '../../domain/venue.js';
import type { StoredStretches } from '../../domain/verify.js';
import { startHeartbeat } from '../heartbeat.js';
import { refuseOtherSource } from '../refuse-other-source.js';
import { translated } from '../translated.js';
import { compareStretches, FRESH_COMPARISON, type CompareCursor } from './compare-stretches.js';
import type { VerifyActivities } from './types.js';

export interface VerifyActivityDeps {
  readonly venue: Venue;
  readonly stored: StoredStretches;
  readonly source: SourceStore;
  readonly sourceLabel: string;
  /** Local clock, ms since 1970. */
  readonly nowMs: () => number;
}

/** The activity of the comparison with the exchange. */
export function createVerifyActivities(deps: VerifyActivityDeps): VerifyActivities {
  return {
    compareWithVenue: (request) =>
      translated(deps.nowMs, async () => {
        await refuseOtherSource(deps.source, deps.sourceLabel);
        const cursor =
          (activityInfo().heartbeatDetails as CompareCursor | undefined) ?? FRESH_COMPARISON;
        const heartbeat = startHeartbeat(cursor);
        const signal = cancellationSignal();
        const onProgress = (next: CompareCursor): void => heartbeat.progress(next);
        try {
          const result = await compareStretches({ ...deps, signal, onProgress }, request, cursor);
          return { ...result, source: deps.sourceLabel };
        } finally {
          heartbeat.stop();
        }
      }),
  };
}
