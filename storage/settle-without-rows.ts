import type { GapKind } from '../domain/gap.js';
import type { Series } from '../domain/series.js';
import type { FetchOrigin } from '../domain/stores.js';
import { intersect, subtract, type TimeRange, type TimeRanges } from '../domain/time-range.js';
import type { Database } from './database.js';
import { unaskedGap, type GapDraft } from './gap-rows.js';
import { keptOf } from './retention/kept.js';
import { inLockOrder } from './series-order.js';
import { lockSeries, openGaps, writeSettlement } from './settlement.js';

/** What turns out to be before the listing is no longer missing for another reason. */
const OVERRULED: ReadonlySet<GapKind> = new Set(['failed', 'unconfirmed', 'disconnected']);

export interface BeforeListing {
  readonly series: readonly Series[];
  readonly range: TimeRange;
  readonly origin: FetchOrigin;
  readonly nowMs: number;
}

/**
 * Settles what is not stored of `range` as before the listing of these series, also where it was
 * thought to be missing for another reason. What retention has removed is left alone.
 */
export async function settleBeforeListing(
  database: Database,
  { series, range, origin, nowMs }: BeforeListing,
): Promise<void> {
  await database.transaction(async (transaction) => {
    for (const one of inLockOrder(series)) {
      const covered = await lockSeries(transaction, one, range);
      const settled = await keptOf(transaction, one, [range]);
      const gaps = await openGaps(transaction, one, range);
      const overruled = gaps.filter(({ kind }) => OVERRULED.has(kind));
      await writeSettlement(transaction, one, {
        settled,
        added: 0,
        updates: overruled.map((gap) => ({
          ...gap,
          period: intersect([gap.period], [range])[0] ?? gap.period,
          kind: 'before_listing',
          nextAskMs: undefined,
          reason: undefined,
        })),
        inserts: [
          ...overruled.flatMap((gap) =>
            subtract([gap.period], [range]).map((period): GapDraft => ({ ...gap, period })),
          ),
          ...subtract(settled, covered).map((period): GapDraft => ({
            ...unaskedGap({ period, kind: 'before_listing' }, { origin, nowMs }),
            nextAskMs: undefined,
          })),
        ],
      });
    }
  });
}

export interface Failure {
  readonly series: Series;
  readonly ranges: TimeRanges;
  readonly origin: FetchOrigin;
  readonly reason: string;
  readonly nowMs: number;
}

/**
 * Settles what is not settled of `ranges` as failed, due at once. A gap that failed before within
 * them gets the new reason. What retention has removed is left alone.
 */
export async function settleFailed(
  database: Database,
  { series, ranges, origin, reason, nowMs }: Failure,
): Promise<void> {
  const hull = { fromMs: ranges[0]?.fromMs ?? 0, toMs: ranges.at(-1)?.toMs ?? 0 };
  await database.transaction(async (transaction) => {
    const covered = await lockSeries(transaction, series, hull);
    const settled = await keptOf(transaction, series, ranges);
    const gaps = await openGaps(transaction, series, hull);
    const again = gaps.filter(
      ({ kind, period }) => kind === 'failed' && subtract([period], ranges).length === 0,
    );
    await writeSettlement(transaction, series, {
      settled,
      added: 0,
      updates: again.map((gap) => ({ ...gap, reason, nextAskMs: nowMs })),
      inserts: subtract(settled, covered).map((period): GapDraft => ({
        ...unaskedGap({ period, kind: 'failed' }, { origin, nowMs }),
        reason,
      })),
    });
  });
}
