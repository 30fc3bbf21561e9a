import type pg from 'pg';

/** 700 pairs at five timeframes, as if 90 days of each were stored, one in ten with gaps. */
export const SERIES = 3_500;

const COVERAGE = `insert into coverage (symbol, timeframe, covered, candles, first_candle)
  select 'BENCH' || n || 'USDT', t.timeframe,
    tstzmultirange(tstzrange('2025-11-17', '2026-02-15')),
    extract(epoch from interval '90 days') / extract(epoch from m1_timeframe(t.timeframe)),
    '2025-11-17'
  from generate_series(1, 700) as n,
    unnest(array['5m', '15m', '1h', '4h', '1d']) as t (timeframe)`;

const GAPS = `insert into gap (symbol, timeframe, period, kind, found_at, found_by, asked)
  select symbol, timeframe,
    tstzrange('2026-01-01'::timestamptz + n * interval '2 days',
      '2026-01-02'::timestamptz + n * interval '2 days'),
    'no_trades', now(), 'bench', 2
  from coverage, generate_series(1, 3) as n
  where hashtext(symbol || timeframe) % 10 = 0`;

/** Fills the record of what is stored; the candles themselves do not matter to `m1 status`. */
export async function makeUpSeries(sql: pg.Pool): Promise<void> {
  await sql.query(COVERAGE);
  await sql.query(GAPS);
  await sql.query(`update coverage set candles = coverage.candles - missing.candles from (
      select symbol, timeframe,
        sum(extract(epoch from upper(period) - lower(period))
          / extract(epoch from m1_timeframe(timeframe))) as candles
      from gap group by symbol, timeframe) as missing
    where coverage.symbol = missing.symbol and coverage.timeframe = missing.timeframe`);
  await sql.query('analyze coverage, gap');
}
