import type { GapKind } from '../domain/gap.js';
import type { Series } from '../domain/series.js';
import type { FetchOrigin } from '../domain/stores.js';
import { subtract, type TimeRange } from '../domain/time-range.js';
import { openTimeMs } from '../domain/timeframe.js';
import type { Database, Queryable } from './database.js';
import { timestamp } from './encode.js';
import { unaskedGap, type GapDraft } from './gap-rows.js';
import { inLockOrder } from './series-order.js';
import { lockSeries, openGaps, storedSpans, writeSettlement } from './settlement.js';

/** What turns out to be after the delisting is no longer missing for another reason. */
const OVERRULED: ReadonlySet<GapKind> = new Set(['failed', 'unconfirmed', 'disconnected']);

/** A settled gap may reach beyond the moment that is asked for by the stream's clock, ms. */
const BEYOND_MS = 86_400_000;

export interface AfterDelisting {
  readonly series: readonly Series[];
  /** The venue's clock, ms. */
  readonly untilMs: number;
  readonly origin: FetchOrigin;
  readonly nowMs: number;
}

/**
 * Settles what follows the last stored candle of these series as after their delisting, also where
 * it was thought to be missing for another reason. A series without a candle is left alone.
 */
export async function settleAfterDelisting(
  database: Database,
  { series, untilMs, origin, nowMs }: AfterDelisting,
): Promise<void> {
  await database.transaction(async (transaction) => {
    for (const one of inLockOrder(series)) {
      const known = { fromMs: 0, toMs: untilMs + BEYOND_MS };
      const covered = await lockSeries(transaction, one, known);
      const gaps = await openGaps(transaction, one, known);
      const lastMs = storedSpans(covered, gaps).at(-1)?.toMs;
      const toMs = Math.max(openTimeMs(one.timeframe, untilMs), covered.at(-1)?.toMs ?? 0);
      if (lastMs === undefined || lastMs >= toMs) continue;
      const after: TimeRange = { fromMs: lastMs, toMs };
      await writeSettlement(transaction, one, {
        settled: [after],
        added: 0,
        updates: gaps
          .filter(({ kind, period }) => period.fromMs >= lastMs && OVERRULED.has(kind))
          .map((gap) => ({
            ...gap,
            kind: 'after_delisting',
            nextAskMs: undefined,
            reason: undefined,
          })),
        inserts: subtract([after], covered).map((period): GapDraft => ({
          ...unaskedGap({ period, kind: 'after_delisting' }, { origin, nowMs }),
          nextAskMs: undefined,
        })),
      });
    }
  });
}

const REOPEN = `update gap set kind = 'unconfirmed', asked = 0, last_asked = null, evidence = '[]',
    next_ask = $3::timestamptz, reason = null
  where symbol = $1 and timeframe = $2 and closed_at is null and kind = 'after_delisting'
  returning 1`;

/**
 * Makes what is settled as after a delisting a hole as any other, due at once.
 *
 * @returns gaps that are due now
 */
export async function reopenAfterRelisting(
  transaction: Queryable,
  series: readonly Series[],
  nowMs: number,
): Promise<number> {
  let reopened = 0;
  for (const one of inLockOrder(series)) {
    await lockSeries(transaction, one, { fromMs: 0, toMs: 1 });
    const values = [one.symbol, one.timeframe, timestamp(nowMs)];
    reopened += (await transaction.query(REOPEN, values)).count;
  }
  return reopened;
}
