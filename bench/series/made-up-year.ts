import type pg from 'pg';
import type { GapKind } from '../../domain/gap.js';
import type { Series } from '../../domain/series.js';
import { subtract, totalMs, type TimeRange, type TimeRanges } from '../../domain/time-range.js';
import { openTimeMs, timeframeMs, TIMEFRAMES } from '../../domain/timeframe.js';
import { multirange, range, timestamp } from '../../storage/encode.js';

/** The pairs of the venue's whole spot market against USDT, and their series. */
export const PAIRS = 700;
export const SERIES = PAIRS * TIMEFRAMES.length;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;

/** Days after the begin of the year. */
const NO_TRADES_DAYS = [200, 300];
const THIN_NO_TRADES_DAYS = Array.from({ length: 20 }, (_, i) => 210 + 4 * i);
const OUTAGE_DAY = 250;
const SKIPPED_DAYS = [320, 330, 340];
const LISTED_DAY = 180;

/** One pair in so many is thin, was listed within the year, has candles that came without prices. */
const THIN_EVERY = 10;
const YOUNG_EVERY = 10;
const SKIPPED_EVERY = 20;

/** Of each series: lost connections whose candles were read again. */
const REPAIRED_GAPS = 10;

interface MadeGap {
  readonly kind: GapKind;
  readonly period: TimeRange;
}

interface MadeSeries extends Series {
  readonly covered: TimeRanges;
  readonly gaps: readonly MadeGap[];
}

const EMPTY = `truncate ohlcv, coverage, gap, "fetch", row_scan`;

const COVERAGE = `insert into coverage (symbol, timeframe, covered, candles, first_candle)
  select * from unnest($1::varchar[], $2::varchar[], $3::tstzmultirange[], $4::bigint[],
    $5::timestamptz[])`;

/** Each was asked for twice, and the answers are kept. */
const OPEN_GAPS = `insert into gap
    (symbol, timeframe, period, kind, found_at, found_by, asked, last_asked, evidence)
  select symbol, timeframe, period, kind, upper(period), 'backfill/bybit/bench', 2,
    upper(period) + interval '1 day', jsonb_build_array(answer, answer)
  from unnest($1::varchar[], $2::varchar[], $3::tstzrange[], $4::text[])
    as made (symbol, timeframe, period, kind),
  lateral jsonb_build_object('asked_at', upper(period), 'venue_time', upper(period),
    'from', lower(period), 'to', upper(period), 'rows', 0,
    'workflow_id', 'repair/bybit', 'run_id', gen_random_uuid()) as answer`;

const REPAIRED = `insert into gap
    (symbol, timeframe, period, kind, found_at, found_by, asked, last_asked, closed_at)
  select symbol, timeframe, tstzrange(lower(last), lower(last) + m1_timeframe(timeframe)),
    'disconnected', closed_at - interval '20 s', 'stream/bybit/spot/0', 1, closed_at, closed_at
  from coverage, generate_series(0, ${REPAIRED_GAPS - 1}) as n,
    lateral (select now() - interval '1 hour' - n * interval '30 days' as closed_at) as c,
    lateral (select range_merge(covered) as last) as l`;

const ROWS = `insert into ohlcv (symbol, timeframe, "timestamp", open, high, low, close, volume)
  select symbol, timeframe, t, 1, 1, 1, 1, 1 from coverage, generate_series(
    upper(covered) - interval '2 days', upper(covered) - m1_timeframe(timeframe),
    m1_timeframe(timeframe)) as t
  order by symbol, timeframe, t`;

/** Otherwise a repair would first look for the rows of the whole year. */
const SCANNED = `insert into row_scan (scanned_at, deletions) values (now(), 'bench')`;

/** What there is then, for the reader of the result. */
export const WHAT_THERE_IS = [
  `${PAIRS} pairs, five timeframes, a year of coverage up to the loss of the network, without a few`,
  'candles that came without prices; no_trades in each series, an outage of the venue in 5m, 15m and 1h,',
  `before_listing in one pair of ${YOUNG_EVERY}; ${REPAIRED_GAPS} closed gaps a series. Rows in ohlcv: the last two days only.`,
];

/** Replaces what is stored by a year of every series of `symbols` that ends at `untilMs`. */
export async function makeUpYear(
  sql: pg.Pool,
  symbols: readonly string[],
  untilMs: number,
): Promise<void> {
  const series = symbols.flatMap((symbol, place) => seriesOf(symbol, place, untilMs));
  await sql.query(EMPTY);
  await sql.query(COVERAGE, [
    ...columnsOf(series),
    series.map(({ covered }) => multirange(covered)),
    series.map(candlesOf),
    series.map(({ covered, gaps }) => timestamp(firstCandleMs(covered, gaps))),
  ]);
  const gaps = series.flatMap((one) => one.gaps.map((gap) => ({ ...one, ...gap })));
  await sql.query(OPEN_GAPS, [
    ...columnsOf(gaps),
    gaps.map(({ period }) => range(period)),
    gaps.map(({ kind }) => kind),
  ]);
  await sql.query(REPAIRED);
  await sql.query(ROWS);
  await sql.query(SCANNED);
  await sql.query('vacuum analyze');
  await sql.query('checkpoint');
}

function columnsOf(series: readonly Series[]): [string[], string[]] {
  return [series.map(({ symbol }) => symbol), series.map(({ timeframe }) => timeframe)];
}

function seriesOf(symbol: string, place: number, untilMs: number): MadeSeries[] {
  const beginMs = openTimeMs('1d', untilMs - YEAR_MS);
  return TIMEFRAMES.map((timeframe) => {
    const lengthMs = timeframeMs(timeframe);
    const candleOn = (day: number): TimeRange => {
      const fromMs = beginMs + day * DAY_MS;
      return { fromMs, toMs: fromMs + lengthMs };
    };
    const thin = timeframe === '5m' && place % THIN_EVERY === 0;
    const noTrades = [...NO_TRADES_DAYS, ...(thin ? THIN_NO_TRADES_DAYS : [])];
    const gaps: MadeGap[] = noTrades.map((day) => ({ kind: 'no_trades', period: candleOn(day) }));
    if (lengthMs <= HOUR_MS) {
      const { fromMs } = candleOn(OUTAGE_DAY);
      gaps.push({ kind: 'venue_outage', period: { fromMs, toMs: fromMs + HOUR_MS } });
    }
    if (place % YOUNG_EVERY === 1) {
      const listedMs = beginMs + LISTED_DAY * DAY_MS;
      gaps.push({ kind: 'before_listing', period: { fromMs: beginMs, toMs: listedMs } });
    }
    const asked = [{ fromMs: beginMs, toMs: openTimeMs(timeframe, untilMs) }];
    const skipped = place % SKIPPED_EVERY === 2 ? SKIPPED_DAYS.map(candleOn) : [];
    return { symbol, timeframe, covered: subtract(asked, skipped), gaps };
  });
}

function candlesOf({ timeframe, covered, gaps }: MadeSeries): number {
  const missingMs = totalMs(gaps.map(({ period }) => period));
  return (totalMs(covered) - missingMs) / timeframeMs(timeframe);
}

function firstCandleMs(covered: TimeRanges, gaps: readonly MadeGap[]): number {
  const beforeListing = gaps.find(({ kind }) => kind === 'before_listing');
  return beforeListing?.period.toMs ?? covered[0]?.fromMs ?? NaN;
}
