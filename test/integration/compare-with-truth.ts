import type pg from 'pg';
import { expect } from 'vitest';
import type { Simulator } from '../../simulator/simulator.js';
import { timeframeMs, type Timeframe } from '../../domain/timeframe.js';

export interface ComparedRange {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly fromMs: number;
  readonly toMs: number;
}

type Row = readonly [time: number, ...values: number[]];

interface StoredRow {
  time: string;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  turnover: number;
}

/** The stored rows of a series, oldest first. */
export async function storedRows(
  sql: pg.Pool,
  symbol: string,
  timeframe: Timeframe,
): Promise<Row[]> {
  const { rows } = await sql.query<StoredRow>(
    `select (extract(epoch from "timestamp") * 1000)::bigint as time,
            open, high, low, close, volume, turnover
       from ohlcv where symbol = $1 and timeframe = $2 order by "timestamp"`,
    [symbol, timeframe],
  );
  return rows.map((row): Row => [
    Number(row.time),
    row.open,
    row.high,
    row.low,
    row.close,
    row.volume,
    row.turnover,
  ]);
}

/**
 * Fails unless the table holds exactly the market's closed candles of the range, row by row, and
 * besides them at most the one candle that was open when it was stored.
 *
 * @returns how many closed candles were compared
 */
export async function expectTruth(
  { truth }: Pick<Simulator, 'truth'>,
  sql: pg.Pool,
  { symbol, timeframe, fromMs, toMs }: ComparedRange,
): Promise<number> {
  const length = timeframeMs(timeframe);
  const first = Math.ceil(fromMs / length) * length;
  const closedUntil = Math.floor(toMs / length) * length;
  const expected = truth
    .candles(symbol, timeframe, first, closedUntil)
    .map((row): Row => row.map(Number) as unknown as Row);
  const stored = await storedRows(sql, symbol, timeframe);
  const closed = stored.filter(([time]) => time < closedUntil);
  // the assertion, which can say what differs, takes fifty times as long
  if (!same(closed, expected)) expect(closed, `${symbol} ${timeframe}`).toEqual(expected);
  expect(stored.length - closed.length, `${symbol} ${timeframe} open rows`).toBeLessThanOrEqual(1);
  return closed.length;
}

function same(some: readonly Row[], others: readonly Row[]): boolean {
  const equal = (row: Row, other: Row | undefined): boolean =>
    row.length === other?.length && row.every((value, i) => value === other[i]);
  return some.length === others.length && some.every((row, i) => equal(row, others[i]));
}

/** Fails unless coverage is exactly the closed rows and the open gaps, which do not overlap. */
export async function expectInvariant(sql: pg.Pool): Promise<void> {
  const { rows } = await sql.query(`
    with spans as (
      select symbol, timeframe,
             range_agg(tstzrange("timestamp", "timestamp" + m1_timeframe(timeframe))) as stored
        from ohlcv_closed group by 1, 2),
    gaps as (
      select symbol, timeframe, range_agg(period) as missing, sum(upper(period) - lower(period)) as total
        from gap where closed_at is null group by 1, 2)
    select c.symbol, c.timeframe
      from coverage c
      left join spans s using (symbol, timeframe)
      left join gaps g using (symbol, timeframe)
     where c.covered <> coalesce(s.stored, '{}') + coalesce(g.missing, '{}')
        or coalesce(s.stored, '{}') && coalesce(g.missing, '{}')
        or c.candles <> (select count(*) from ohlcv_closed o
                          where o.symbol = c.symbol and o.timeframe = c.timeframe)
        or g.total <> (select sum(upper(r) - lower(r)) from unnest(g.missing) r)`);
  expect(rows).toEqual([]);
}
