import type { LiveCandle } from '../domain/live-candle.js';
import { rowSpans } from '../domain/settle.js';
import type { FetchOrigin } from '../domain/stores.js';
import { subtract, union } from '../domain/time-range.js';
import { timeframeMs } from '../domain/timeframe.js';
import { candleColumns } from './candle-arrays.js';
import type { CandlesOfSeries } from './candles-of-series.js';
import { gapChanges } from './gap-changes.js';
import { unaskedGap } from './gap-rows.js';
import type { LockedSeries } from './locked-series.js';
import { storedSpans, within, type SettlementOfSeries } from './settlement.js';

/** What candles of the stream change in a series. */
export interface LiveSettlement {
  readonly settlement: SettlementOfSeries;
  /** Candles that were not stored before. */
  readonly added: readonly LiveCandle[];
  /** Candles that were. */
  readonly known: readonly LiveCandle[];
  /** Gaps that came to light. */
  readonly gaps: number;
}

/**
 * Judges candles of one series by what is known of it. They close the gaps in which they lie; what
 * is unsettled between the end of all that is settled and the newest of them becomes a gap.
 */
export function settleLive(
  { symbol, timeframe, candles, period }: CandlesOfSeries,
  { endMs = period.fromMs, covered, gaps }: LockedSeries,
  facts: { readonly origin: FetchOrigin; readonly nowMs: number },
): LiveSettlement {
  const lengthMs = timeframeMs(timeframe);
  const closed = candleColumns(candles);
  const settled = rowSpans(closed.openTimeMs, lengthMs);
  const page = {
    ...{ window: period, closed, open: candleColumns([]), settled },
    ...{ holes: [], skipped: 0 },
  };
  const changes = gapChanges(
    { page, lengthMs, ...facts, startsOnFirstDay: false, reaskMs: [] },
    covered,
    gaps,
  );
  const missed =
    endMs < period.toMs ? subtract([{ fromMs: endMs, toMs: period.toMs }], settled) : [];
  const stored = storedSpans(covered, gaps);
  const isStored = ({ openTimeMs }: LiveCandle): boolean => within(stored, openTimeMs);
  return {
    settlement: {
      series: { symbol, timeframe },
      settled: union(settled, missed),
      added: changes.added,
      updates: changes.updates,
      inserts: [
        ...changes.inserts,
        ...missed.map((span) => unaskedGap({ period: span, kind: 'disconnected' }, facts)),
      ],
    },
    added: candles.filter((candle) => !isStored(candle)),
    known: candles.filter(isStored),
    gaps: missed.length,
  };
}
