import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { rulesAt, type RetentionStore } from '../../domain/retention.js';
import type { SourceStore } from '../../domain/stores.js';
import type { Timeframe } from '../../domain/timeframe.js';
import type { Venue } from '../../domain/venue.js';
import { startHeartbeat } from '../heartbeat.js';
import { refuseOtherDatabase, refuseOtherSource } from '../refuse-other-source.js';
import { translated } from '../translated.js';
import { RetentionPass } from './retention-pass.js';
import type { RetentionActivities, RetentionCursor } from './types.js';

export interface RetentionActivityDeps {
  readonly venue: Pick<Venue, 'serverTimeMs'>;
  readonly retention: RetentionStore;
  readonly source: SourceStore;
  readonly sourceLabel: string;
  /** How long candles are kept, by timeframe, from `RETENTION`, ms. */
  readonly keepMs: ReadonlyMap<Timeframe, number>;
  /** Local clock, ms since 1970: for waits only, never for the market. */
  readonly nowMs: () => number;
}

/** The activities of the retention. */
export function createRetentionActivities(deps: RetentionActivityDeps): RetentionActivities {
  const { venue, retention, source, sourceLabel, keepMs, nowMs } = deps;
  return {
    beginRetention: (dryRun) =>
      translated(nowMs, async () => {
        const { databaseId } = await refuseOtherSource(source, sourceLabel);
        const heartbeat = startHeartbeat(undefined);
        try {
          const signal = cancellationSignal();
          const rules =
            keepMs.size === 0
              ? []
              : rulesAt(keepMs, await venue.serverTimeMs({ budgetClass: 'upkeep', signal }));
          if (!dryRun) await retention.setRules(rules);
          return { dryRun, source: sourceLabel, databaseId, rules };
        } finally {
          heartbeat.stop();
        }
      }),

    retainSlice: (order, after) =>
      translated(nowMs, async () => {
        await refuseOtherDatabase(source, sourceLabel, order.databaseId);
        const begun = activityInfo().heartbeatDetails as RetentionCursor | undefined;
        const cursor = begun ?? { tallies: [], ...(after === undefined ? {} : { after }) };
        const heartbeat = startHeartbeat(cursor);
        const pass = new RetentionPass(
          {
            retention,
            signal: cancellationSignal(),
            onProgress: (next) => heartbeat.progress(next),
          },
          order,
          cursor,
        );
        try {
          return await pass.run();
        } finally {
          heartbeat.stop();
        }
      }),
  };
}
