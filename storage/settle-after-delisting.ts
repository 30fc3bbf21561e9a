import type { GapKind } from '../domain/gap.js';
import type { Series } from '../domain/series.js';
import type { FetchOrigin } from '../domain/stores.js';
import { subtract, type TimeRanges } from '../domain/time-range.js';
import { openTimeMs } from '../domain/timeframe.js';
import type { Database, Queryable } from './database.js';
import { timestamp } from './encode.js';
import { unaskedGap, type GapDraft, type GapRow } from './gap-rows.js';
import { keptOf } from './retention/kept.js';
import { inLockOrder } from './series-order.js';
import { EVER, lockSeries, openGaps, storedSpans, writeSettlement } from './settlement.js';

/** What may turn out to be after the delisting, or can no longer be had. */
const UNEXPLAINED: readonly GapKind[] = ['failed', 'unconfirmed', 'disconnected'];

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
      const { covered, gaps, lastMs } = await lockEnd(transaction, one);
      const toMs = Math.max(openTimeMs(one.timeframe, untilMs), covered.at(-1)?.toMs ?? 0);
      if (lastMs === undefined || lastMs >= toMs) continue;
      const after = await keptOf(transaction, one, [{ fromMs: lastMs, toMs }]);
      await writeSettlement(transaction, one, {
        settled: after,
        added: 0,
        updates: gaps
          .filter((gap) => isAfter(gap, lastMs))
          .map((gap) => ended(gap, lastMs, undefined)),
        inserts: subtract(after, covered).map((period): GapDraft => ({
          ...unaskedGap({ period, kind: 'after_delisting' }, { origin, nowMs }),
          nextAskMs: undefined,
        })),
      });
    }
  });
}

const SERIES_OF = `select symbol, timeframe from coverage where symbol = $1`;

/**
 * Ends the search for the gaps of a symbol that the venue no longer serves. Those after the last
 * candle of their series lie after the delisting; the others stay what they are, with the reason.
 *
 * @returns gaps that were still to be asked for
 */
export async function sealGaps(
  database: Database,
  symbol: string,
  reason: string,
): Promise<number> {
  return database.transaction(async (transaction) => {
    const { rows } = await transaction.query<Series>(SERIES_OF, [symbol]);
    let sealed = 0;
    for (const one of inLockOrder(rows)) {
      const { gaps, lastMs = Infinity } = await lockEnd(transaction, one);
      const updates = gaps
        .filter(({ nextAskMs }) => nextAskMs !== undefined)
        .map((gap) => ended(gap, lastMs, reason));
      if (updates.length === 0) continue;
      await writeSettlement(transaction, one, { settled: [], added: 0, updates, inserts: [] });
      sealed += updates.length;
    }
    return sealed;
  });
}

/** What is known of a series whose lock the transaction holds. */
interface KnownEnd {
  readonly covered: TimeRanges;
  readonly gaps: readonly GapRow[];
  /** End of the last stored candle, ms; undefined: there is none. */
  readonly lastMs: number | undefined;
}

async function lockEnd(transaction: Queryable, series: Series): Promise<KnownEnd> {
  const covered = await lockSeries(transaction, series, EVER);
  const gaps = await openGaps(transaction, series, EVER);
  return { covered, gaps, lastMs: storedSpans(covered, gaps).at(-1)?.toMs };
}

function isAfter({ kind, period }: GapRow, lastMs: number): boolean {
  return UNEXPLAINED.includes(kind) && period.fromMs >= lastMs;
}

/** A gap that is asked for no more. What lies after the last candle lies after the delisting. */
function ended(gap: GapRow, lastMs: number, reason: string | undefined): GapRow {
  const kind = isAfter(gap, lastMs) ? 'after_delisting' : gap.kind;
  return { ...gap, kind, nextAskMs: undefined, reason };
}

/** What is settled as after the delisting, and what nobody asks for since. */
export const SEALED = `closed_at is null and (kind = 'after_delisting'
  or (next_ask is null and kind in ('failed', 'unconfirmed', 'disconnected')))`;

const REOPEN = `update gap set kind = 'unconfirmed', asked = 0, last_asked = null, evidence = '[]',
    next_ask = $3::timestamptz, reason = null
  where symbol = $1 and timeframe = $2 and ${SEALED} returning 1`;

/**
 * Makes what a delisting had settled, or had ended the search for, a hole as any other, due at once.
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
