import type { SeriesRecord } from '../../domain/coverage-drift.js';
import type { GapKind } from '../../domain/gap.js';
import type { SeriesFilter } from '../../domain/verify.js';
import { TIMEFRAMES, isTimeframe, type Timeframe } from '../../domain/timeframe.js';
import type { Queryable } from '../database.js';
import { msOf } from '../encode.js';

/**
 * Every series that has a record or a row. The rows are asked for the next key again and again, which
 * takes one look into the index a series where a DISTINCT would read them all.
 */
const SERIES = `with recursive keys as (
    (select symbol, timeframe from ohlcv order by symbol, timeframe limit 1)
    union all
    select next.symbol, next.timeframe from keys, lateral (
      select o.symbol, o.timeframe from ohlcv o
      where (o.symbol, o.timeframe) > (keys.symbol, keys.timeframe)
      order by o.symbol, o.timeframe limit 1) as next)
  select symbol, timeframe from keys union select symbol, timeframe from coverage
  union select symbol, timeframe from gap where closed_at is null`;

/** One symbol and those of its timeframes that are to be verified. */
export interface SymbolSeries {
  readonly symbol: string;
  readonly timeframes: readonly Timeframe[];
}

/** What there is to verify, by symbol. */
export async function readSymbolSeries(
  database: Queryable,
  { symbols, timeframes = TIMEFRAMES }: SeriesFilter,
): Promise<SymbolSeries[]> {
  const { rows } = await database.query<{ symbol: string; timeframe: string }>(SERIES);
  const bySymbol = new Map<string, Set<string>>();
  for (const { symbol, timeframe } of rows) {
    if (symbols !== undefined && !symbols.includes(symbol)) continue;
    const known = bySymbol.get(symbol) ?? new Set();
    bySymbol.set(symbol, known.add(timeframe));
  }
  return [...bySymbol]
    .map(([symbol, known]) => ({
      symbol,
      timeframes: timeframes.filter((timeframe) => known.has(timeframe)),
    }))
    .filter((one) => one.timeframes.length > 0)
    .sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
}

/**
 * A moment that the exchange's clock is known to have reached, ms: what was stored of it, and the
 * local clock, of which a simulated market may be ahead.
 */
export async function readReachedMs(database: Queryable, nowMs: number): Promise<number> {
  const { rows } = await database.query<{ ms: number | null }>(
    `select ${msOf('greatest(max(upper(covered)), max(open_candle))')} as ms from coverage`,
  );
  return Math.max(nowMs, rows[0]?.ms ?? 0);
}

const RECORDS = `select timeframe, candles::float8 as candles, ${msOf('first_candle')} as first_ms,
    ${msOf('open_candle')} as open_ms
  from coverage where symbol = $1`;

const SPANS = `select c.timeframe, 'covered' as what, ${msOf('lower(part)')} as from_ms,
    ${msOf('upper(part)')} as to_ms
  from coverage c, unnest(c.covered) as part where c.symbol = $1
  union all
  select timeframe, kind, ${msOf('lower(period)')}, ${msOf('upper(period)')}
  from gap where symbol = $1 and closed_at is null
  order by 3, 4`;

interface RecordColumns {
  readonly timeframe: string;
  readonly candles: number;
  readonly first_ms: number | null;
  readonly open_ms: number | null;
}

interface SpanColumns {
  readonly timeframe: string;
  readonly what: 'covered' | GapKind;
  readonly from_ms: number;
  readonly to_ms: number;
}

/** What is recorded of every timeframe of a symbol; nothing of those that have no record. */
export async function readRecords(
  transaction: Queryable,
  symbol: string,
): Promise<ReadonlyMap<Timeframe, SeriesRecord>> {
  const records = await transaction.query<RecordColumns>(RECORDS, [symbol]);
  const spans = await transaction.query<SpanColumns>(SPANS, [symbol]);
  const recordOf = (timeframe: Timeframe): SeriesRecord => {
    const known = records.rows.find((row) => row.timeframe === timeframe);
    const own = spans.rows.filter((row) => row.timeframe === timeframe);
    const covered = own.flatMap(({ what, from_ms: fromMs, to_ms: toMs }) =>
      what === 'covered' ? [{ fromMs, toMs }] : [],
    );
    const gaps = own.flatMap(({ what, from_ms: fromMs, to_ms: toMs }) =>
      what === 'covered' ? [] : [{ fromMs, toMs, kind: what }],
    );
    return {
      ...{ symbol, timeframe, covered, gaps },
      candles: known?.candles ?? 0,
      firstCandleMs: known?.first_ms ?? undefined,
      openCandleMs: known?.open_ms ?? undefined,
    };
  };
  const known = [...records.rows, ...spans.rows].map(({ timeframe }) => timeframe);
  return new Map(
    [...new Set(known)].filter(isTimeframe).map((timeframe) => [timeframe, recordOf(timeframe)]),
  );
}
