import type { AlertNotice, FreshnessReport } from '../../domain/freshness.js';

export interface FreshnessActivities {
  /** Compares the newest candle of every followed series with the venue's clock. */
  checkFreshness(): Promise<FreshnessReport>;
  /** Posts a notice to the webhook, where one is configured. */
  sendAlert(notice: AlertNotice): Promise<void>;
}
