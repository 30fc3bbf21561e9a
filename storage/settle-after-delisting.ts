import type { GapKind } from '../domain/gap.js';
import type { Series } from '../domain/series.js';
import type { FetchOrigin } from '../domain/stores.js';
import { intersect, normalise, subtract, type TimeRanges } from '../domain/time-range.js';
import { openTimeMs, TIMEFRAMES } from '../domain/timeframe.js';
import type { Database, Queryable } from './database.js';
import { msOf, nullableTimestamp, timestamp } from './encode.js';
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

const UNSERVED = 'the venue no longer serves the pair';

/**
 * Settles what follows the last stored candle of these series as after their delisting, also where
 * it was thought to be missing for another reason. What nobody was answered for while the pair still
 * lived can no longer be had: it has failed. A series without a candle is left alone.
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
      const livedMs = Math.min(toMs, await livedUntilMs(transaction, one, untilMs));
      const settled = await keptOf(transaction, one, [{ fromMs: lastMs, toMs }]);
      const alive = normalise([{ fromMs: lastMs, toMs: livedMs }]);
      const open = subtract(settled, covered);
      const facts = { origin, nowMs };
      const pieces = gaps
        .map((gap) => piecesOf(gap, { lastMs, livedMs }))
        .filter((each) => each.some((piece, i) => i > 0 || piece.kind === 'after_delisting'));
      await writeSettlement(transaction, one, {
        ...{ settled, added: 0 },
        updates: pieces.flatMap((each) => each.slice(0, 1)),
        inserts: [
          ...pieces.flatMap((each) => each.slice(1)),
          ...intersect(open, alive).map((period): GapDraft => ({
            ...unaskedGap({ period, kind: 'failed' }, facts),
            reason: UNSERVED,
          })),
          ...subtract(open, alive).map((period): GapDraft => ({
            ...unaskedGap({ period, kind: 'after_delisting' }, facts),
            nextAskMs: undefined,
          })),
        ],
      });
    }
  });
}

/**
 * The newest row of any timeframe, and the last listing, where both clocks agree that it is past.
 * Market time, ms.
 */
const LIVED = `select ${msOf(`greatest(
    (select max(newest."timestamp") from unnest($2::varchar[]) as t (timeframe), lateral (
      select "timestamp" from ohlcv o where o.symbol = $1 and o.timeframe = t.timeframe
      order by "timestamp" desc limit 1) as newest),
    (select last_seen from symbols where name = $1 and last_seen <= $3::timestamptz))`)} as lived_ms`;

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
      const livedMs = await livedUntilMs(transaction, one, undefined);
      const pieces = gaps
        .filter(({ nextAskMs }) => nextAskMs !== undefined)
        .map((gap) => piecesOf(gap, { lastMs, livedMs }))
        .map((each) => each.map((piece) => ({ ...piece, nextAskMs: undefined, reason })));
      if (pieces.length === 0) continue;
      await writeSettlement(transaction, one, {
        ...{ settled: [], added: 0 },
        updates: pieces.flatMap((each) => each.slice(0, 1)),
        inserts: pieces.flatMap((each) => each.slice(1)),
      });
      sealed += pieces.length;
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

async function livedUntilMs(
  transaction: Queryable,
  { symbol, timeframe }: Series,
  untilMs: number | undefined,
): Promise<number> {
  const { rows } = await transaction.query<{ lived_ms: number | null }>(LIVED, [
    ...[symbol, [...TIMEFRAMES], nullableTimestamp(untilMs)],
  ]);
  return openTimeMs(timeframe, rows[0]?.lived_ms ?? 0);
}

/**
 * A gap as it is once the pair is gone: what lies after its last candle lies after the delisting, but
 * for what no answer has lacked and the pair lived through.
 */
function piecesOf(
  gap: GapRow,
  { lastMs, livedMs }: { readonly lastMs: number; readonly livedMs: number },
): GapRow[] {
  const { kind, period, asked } = gap;
  if (!UNEXPLAINED.includes(kind) || period.fromMs < lastMs) return [gap];
  const after = [{ fromMs: asked > 0 ? lastMs : Math.max(lastMs, livedMs), toMs: Infinity }];
  return [
    ...subtract([period], after).map((lived): GapRow => ({ ...gap, period: lived })),
    ...intersect([period], after).map((ended): GapRow => ({
      ...{ ...gap, period: ended, kind: 'after_delisting' },
      ...{ nextAskMs: undefined, reason: undefined },
    })),
  ];
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
