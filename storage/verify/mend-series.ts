import type { Mending } from '../../domain/mending.js';
import { normalise, subtract, type TimeRanges } from '../../domain/time-range.js';
import { openTimeMs, timeframeMs } from '../../domain/timeframe.js';
import type { Database, Queryable } from '../database.js';
import { msOf, multirange, nullableTimestamp } from '../encode.js';
import { gapsJson, insertGaps, updateGaps } from '../gap-rows.js';
import { EVER, lockSeries, openGaps } from '../settlement.js';
import { mendedRecord } from './mended-record.js';
import { ON_GRID, readRowSpans } from './read-rows.js';

/**
 * Also what lies before the horizon of the retention without being recorded, which nobody may record.
 * In the order of the key and before the lock of the series, as in every writer.
 */
const DELETE = `delete from ohlcv o using (
    select symbol, timeframe, "timestamp" from ohlcv
    where symbol = $1 and timeframe = $2
      and ($3::tstzmultirange @> "timestamp" or not ${ON_GRID} or (
        "timestamp" < (select horizon from retention where timeframe = $2)
        and not exists (
          select from coverage c where c.symbol = $1 and c.timeframe = $2
            and c.covered @> ohlcv."timestamp")))
    order by "timestamp" for update) as wrong
  where o.symbol = wrong.symbol and o.timeframe = wrong.timeframe
    and o."timestamp" = wrong."timestamp"`;

const KNOWN = `select ${msOf('c.first_candle')} as first_ms, ${msOf('c.open_candle')} as open_ms,
    ${msOf('r.horizon')} as horizon_ms
  from coverage c left join retention r on r.timeframe = c.timeframe
  where c.symbol = $1 and c.timeframe = $2`;

interface KnownColumns {
  readonly first_ms: number | null;
  readonly open_ms: number | null;
  readonly horizon_ms: number | null;
}

const WRITE = `update coverage set covered = $3::tstzmultirange, candles = $4::bigint,
    first_candle = $5::timestamptz
  where symbol = $1 and timeframe = $2`;

export interface MendOptions {
  /** Who mends, for the record of the gaps. */
  readonly foundBy: string;
  /** Local clock, ms. */
  readonly nowMs: number;
}

/**
 * Deletes rows that are wrong and makes the record of the series fit its rows, in one transaction.
 *
 * @returns spans that are gaps now, due at once
 */
export async function mendSeries(
  database: Database,
  { again, removed, ...series }: Mending,
  { foundBy, nowMs }: MendOptions,
): Promise<TimeRanges> {
  const { symbol, timeframe } = series;
  const lengthMs = timeframeMs(timeframe);
  return database.transaction(async (transaction) => {
    await transaction.query(DELETE, [symbol, timeframe, multirange([...again, ...removed])]);
    const covered = await lockSeries(transaction, series, EVER);
    const gaps = await openGaps(transaction, series, EVER);
    const { rows: known } = await transaction.query<KnownColumns>(KNOWN, [symbol, timeframe]);
    const { first_ms: firstMs, open_ms: openMs, horizon_ms: horizonMs } = known[0] ?? NOTHING;
    const open = openMs === null ? [] : [{ fromMs: openMs, toMs: openMs + lengthMs }];
    // what has not closed yet, or is not kept, would be asked for in vain
    const unasked = [
      ...open,
      ...[{ fromMs: EVER.fromMs, toMs: horizonMs ?? EVER.fromMs }],
      ...[{ fromMs: openTimeMs(timeframe, nowMs), toMs: EVER.toMs }],
    ];
    const record = mendedRecord({
      ...{ lengthMs, covered, gaps, foundBy, nowMs },
      ...{ rows: await readRowSpans(transaction, series), open },
      again: subtract(again, subtract(normalise(unasked), covered)),
      firstCandleMs: firstMs ?? undefined,
    });
    await transaction.query(WRITE, [
      ...[symbol, timeframe, multirange(record.covered), record.candles],
      nullableTimestamp(record.firstCandleMs),
    ]);
    await writeGaps(transaction, series, record);
    return record.asked;
  });
}

const NOTHING: KnownColumns = { first_ms: null, open_ms: null, horizon_ms: null };

async function writeGaps(
  transaction: Queryable,
  series: Pick<Mending, 'symbol' | 'timeframe'>,
  { updates, inserts }: ReturnType<typeof mendedRecord>,
): Promise<void> {
  const ofSeries = (gaps: typeof inserts) => gapsJson(gaps.map((gap) => ({ ...gap, ...series })));
  if (updates.length > 0) await transaction.query(updateGaps('$1'), [ofSeries(updates)]);
  if (inserts.length > 0) await transaction.query(insertGaps('$1'), [ofSeries(inserts)]);
}
