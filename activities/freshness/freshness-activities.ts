import { cancellationSignal, getClient } from '@temporalio/activity';
import { GiveUpRun, reasonOf, WaitUntil } from '../../domain/failure.js';
import type { AlertNotice } from '../../domain/freshness.js';
import type { SourceStore } from '../../domain/stores.js';
import type { TellAlert } from '../../runtime/alerts/webhook.js';
import type { SyncMetrics } from '../../runtime/metrics/sync-metrics.js';
import { refuseOtherSource } from '../refuse-other-source.js';
import { translated } from '../translated.js';
import { check, nothingFound, type CheckDeps } from './check.js';
import { readStreamClaim } from './stream-claim.js';
import type { FreshnessActivities } from './types.js';

export interface FreshnessActivityDeps extends CheckDeps {
  readonly source: SourceStore;
  readonly tellAlert: TellAlert;
  readonly metrics: SyncMetrics;
}

/** The activities of the freshness check. */
export function createFreshnessActivities(deps: FreshnessActivityDeps): FreshnessActivities {
  return {
    checkFreshness: () =>
      translated(deps.nowMs, async () => {
        await refuseOtherSource(deps.source, deps.sourceLabel);
        try {
          const report = await check(
            deps,
            await readStreamClaim(getClient()),
            cancellationSignal(),
          );
          deps.metrics.checked(report.behind.length);
          return report;
        } catch (error) {
          // A ban lasts for minutes: nobody would hear of it until its end.
          if (!(error instanceof WaitUntil || error instanceof GiveUpRun)) throw error;
          return { ...nothingFound(deps), unreadable: reasonOf(error) };
        }
      }),

    sendAlert: (notice: AlertNotice) =>
      translated(deps.nowMs, async () => {
        await deps.tellAlert(notice);
        deps.metrics.told(notice.status);
      }),
  };
}
