import { Counter, Gauge, type Registry } from 'prom-client';
import type { Timeframe } from '../../domain/timeframe.js';

/** What sync and the freshness check tell as it happens. Units of times: ms. */
export interface SyncMetrics {
  /** A sync has ended; `lagMs` is that of the series furthest behind, undefined without a series. */
  synced(
    timeframe: Timeframe,
    counts: {
      readonly candles: number;
      readonly revised: number;
      readonly failed: number;
      readonly lagMs: number | undefined;
    },
  ): void;
  /** The freshness check found so many series behind. */
  checked(behind: number): void;
  /** A notice was told: `raised`, `recovered` or `reminder`. */
  told(status: string): void;
}

/** Registers the metrics of sync; docs/metrics.md explains each. */
export function createSyncMetrics(registry: Registry): SyncMetrics {
  const registers = [registry];
  const counter = (name: string, help: string) =>
    new Counter({ name: `m1_sync_${name}_total`, help, labelNames: ['timeframe'], registers });
  const runs = counter('runs', 'Syncs that have ended');
  const candles = counter('candles', 'Closed candles that a sync stored first');
  const revised = counter('candles_revised', 'Stored candles that the venue had amended');
  const failed = counter('series_failed', 'Series that a sync gave up');
  const lag = new Gauge({
    name: 'm1_sync_lag_seconds',
    help: 'From the newest settled candle of the series furthest behind to the venue clock',
    labelNames: ['timeframe'],
    registers,
  });
  const behind = new Gauge({
    name: 'm1_series_behind',
    help: 'Followed series whose newest candle is too old, by the last check',
    registers,
  });
  const alerts = new Counter({
    name: 'm1_alerts_total',
    help: 'Notices of the freshness check that were told',
    labelNames: ['status'],
    registers,
  });
  return {
    synced: (timeframe, counts) => {
      runs.inc({ timeframe });
      candles.inc({ timeframe }, counts.candles);
      revised.inc({ timeframe }, counts.revised);
      failed.inc({ timeframe }, counts.failed);
      if (counts.lagMs !== undefined) lag.set({ timeframe }, counts.lagMs / 1000);
    },
    checked: (series) => behind.set(series),
    told: (status) => alerts.inc({ status }),
  };
}
