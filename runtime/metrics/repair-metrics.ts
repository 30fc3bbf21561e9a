import { Counter, Histogram, type Registry } from 'prom-client';
import type { GapKind } from '../../domain/gap.js';
import type { RepairCounts } from '../../domain/repair.js';

/** From seconds after a lost connection to the days until a venue delivers late, s. */
const TIME_BUCKETS = [1, 2, 5, 10, 30, 60, 120, 300, 900, 3_600, 21_600, 86_400, 604_800];

/** What the repair tells as it happens. */
export interface RepairMetrics {
  /** Candles have come to a gap that was found `openMs` ago. */
  repaired(kind: GapKind, openMs: number): void;
  counted(counts: RepairCounts): void;
  /** Gaps that nobody needs to ask for any more. */
  typed(kind: 'venue_outage' | 'after_delisting', gaps: number): void;
  /** Candles that coverage claimed and the table lacked. */
  drifted(candles: number): void;
}

/** Registers the repair's metrics; docs/metrics.md explains each. */
export function createRepairMetrics(registry: Registry): RepairMetrics {
  const registers = [registry];
  const byKind = { labelNames: ['kind'] as const, registers };
  const time = new Histogram({
    name: 'm1_repair_time_seconds',
    help: 'From a gap found to its candles stored by the repair',
    buckets: TIME_BUCKETS,
    ...byKind,
  });
  const counter = (name: string, help: string): Counter =>
    new Counter({ name: `m1_repair_${name}_total`, help, registers });
  const requests = counter('requests', 'Pages that the repair asked for');
  const candles = counter('candles', 'Missing candles that the repair stored');
  const gaps = counter('gaps', 'Gaps that were due and asked for');
  const drifted = counter('drifted_candles', 'Candles that coverage claimed and the table lacked');
  const typed = new Counter({
    name: 'm1_repair_typed_total',
    help: 'Gaps that proved to be an outage of the venue, or to lie after the delisting',
    ...byKind,
  });
  return {
    repaired: (kind, openMs) => time.observe({ kind }, Math.max(0, openMs) / 1000),
    counted(counts) {
      requests.inc(counts.requests);
      candles.inc(counts.candles);
      gaps.inc(counts.gaps);
    },
    typed: (kind, count) => typed.inc({ kind }, count),
    drifted: (count) => drifted.inc(count),
  };
}
