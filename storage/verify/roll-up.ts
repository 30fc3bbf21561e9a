import type { CandleValues } from '../../domain/candles.js';
import type { TimeRange, TimeRanges } from '../../domain/time-range.js';
import { timeframeMs, type Timeframe } from '../../domain/timeframe.js';
import type { Queryable } from '../database.js';
import { msOf, multirange, timestamp } from '../encode.js';
import { nearSum } from '../sum-rounding.js';
import { GRID_START } from './read-rows.js';

/** Timeframes that are sums of 5-minute candles, each of the one before it. */
export const LONGER_TIMEFRAMES = ['15m', '1h', '4h', '1d'] as const;

const near = (stored: string, summed: string): string => nearSum(stored, summed, 'r.n');

/** A span is looked at in parts of so many days, which bounds the memory of the database. */
const PART_MS = 100 * timeframeMs('1d');

/** What a CTE sums: where its rows come from, and how many candles it has of the shortest. */
function summed(timeframe: Timeframe, from: string, fromTimeframe: Timeframe): string {
  const parts = timeframeMs(timeframe) / timeframeMs(fromTimeframe);
  const begin = `date_bin(m1_timeframe('${timeframe}'), s.t, ${GRID_START})`;
  const last = `s.t + m1_timeframe('${fromTimeframe}') = ${begin} + m1_timeframe('${timeframe}')`;
  return `select ${begin} as t, max(s.open) filter (where s.t = ${begin}) as open,
      max(s.high) as high, min(s.low) as low, max(s.close) filter (where ${last}) as close,
      sum(s.volume) as volume, sum(s.turnover) as turnover,
      bool_or(s.turnover is null) as part_unknown, sum(s.n)::int as n
    from ${from} as s group by 1 having count(*) = ${parts}`;
}

const FIVE = `select "timestamp" as t, open, high, low, close, volume, turnover, 1 as n
  from ohlcv where symbol = $1 and timeframe = '5m' and $2::tstzmultirange @> "timestamp"
    and "timestamp" >= $7::timestamptz and "timestamp" < $8::timestamptz`;

const WITHIN = ['$3', '$4', '$5', '$6'] as const;

const SUMS = LONGER_TIMEFRAMES.map((timeframe, i) => {
  const shorter = LONGER_TIMEFRAMES[i - 1];
  const sum =
    shorter === undefined
      ? summed(timeframe, '(select * from five)', '5m')
      : summed(timeframe, `sum_${shorter}`, shorter);
  return `sum_${timeframe} as materialized (${sum})`;
});

const COMPARED = LONGER_TIMEFRAMES.map(
  (timeframe, i) => `select '${timeframe}' as timeframe, ${msOf('o."timestamp"')} as "fromMs",
      jsonb_build_object('open', o.open, 'high', o.high, 'low', o.low, 'close', o.close,
        'volume', o.volume, 'turnover', o.turnover) as stored,
      jsonb_build_object('open', r.open, 'high', r.high, 'low', r.low, 'close', r.close,
        'volume', case when ${near('o.volume', 'r.volume')} then o.volume else r.volume end,
        'turnover', case when ${near('o.turnover', 'r.turnover')} then o.turnover
          else r.turnover end) as summed
    from sum_${timeframe} r join ohlcv o on o.symbol = $1 and o.timeframe = '${timeframe}'
      and o."timestamp" = r.t and ${WITHIN[i] ?? ''}::tstzmultirange @> o."timestamp"
      and o."timestamp" >= $7::timestamptz and o."timestamp" < $8::timestamptz
    where (o.open, o.high, o.low, o.close) is distinct from (r.open, r.high, r.low, r.close)
      or not ${near('o.volume', 'r.volume')}
      or not (o.turnover is null or r.part_unknown or ${near('o.turnover', 'r.turnover')})`,
);

const ROLL_UP = `with five as (${FIVE}),
  ${SUMS.join(',\n  ')}
  ${COMPARED.join('\n  union all\n  ')}
  order by 2, 1`;

/**
 * Within the transaction. Of a table, or a pair, that came after the last statistics the planner expects
 * a single row, and would compare each sum with each row, or look each row up among all of its pair.
 */
const NESTED_LOOPS = `select set_config('enable_nestloop', $1, true)`;

/** A candle that is not the sum of its 5-minute candles. */
export interface WrongSum {
  readonly timeframe: Timeframe;
  readonly fromMs: number;
  readonly stored: CandleValues;
  /** Sums that are equal but for rounding are those of the stored candle. */
  readonly summed: CandleValues;
}

/**
 * Compares longer candles with their 5-minute candles, where all of these are stored.
 *
 * @param closed the stored closed candles of each timeframe; those absent are not looked at
 */
export async function readWrongSums(
  transaction: Queryable,
  symbol: string,
  closed: ReadonlyMap<Timeframe, TimeRanges>,
): Promise<WrongSum[]> {
  const spans = [closed.get('5m') ?? [], ...LONGER_TIMEFRAMES.map((one) => closed.get(one) ?? [])];
  const ranges = spans.map(multirange);
  const wrong: WrongSum[] = [];
  await transaction.query(NESTED_LOOPS, ['off']);
  for (const { fromMs, toMs } of partsOf(closed.get('5m') ?? [])) {
    const { rows } = await transaction.query<WrongSum>(ROLL_UP, [
      ...[symbol, ...ranges],
      ...[timestamp(fromMs), timestamp(toMs)],
    ]);
    wrong.push(...rows);
  }
  await transaction.query(NESTED_LOOPS, ['on']);
  return wrong;
}

/** Parts that begin and end at midnight, so that no candle of any timeframe lies in two. */
function partsOf(spans: TimeRanges): TimeRange[] {
  const endMs = spans.at(-1)?.toMs ?? 0;
  const parts: TimeRange[] = [];
  let fromMs = Math.floor((spans[0]?.fromMs ?? 0) / PART_MS) * PART_MS;
  for (; fromMs < endMs; fromMs += PART_MS) {
    const part = { fromMs, toMs: fromMs + PART_MS };
    if (spans.some((span) => span.fromMs < part.toMs && part.fromMs < span.toMs)) parts.push(part);
  }
  return parts;
}
