import type { SeriesState } from '../domain/stores.js';
import { normalise, type TimeRange } from '../domain/time-range.js';
import type { Timeframe } from '../domain/timeframe.js';
import type { Queryable } from './database.js';
import { msOf, range as rangeText, timestamp } from './encode.js';

/** One row a range, which is read faster than text of multiranges and in any time zone. */
const STATES = `select c.symbol, c.timeframe, 'covered' as what,
    ${msOf('lower(part)')} as from_ms, ${msOf('upper(part)')} as to_ms
  from coverage c, unnest(c.covered * multirange($3::tstzrange)) as part
  where c.symbol = any($1::varchar[]) and c.timeframe = any($2::varchar[])
  union all
  select g.symbol, g.timeframe, case g.kind when 'failed' then 'failed' else 'due' end,
    ${msOf('lower(g.period * $3::tstzrange)')}, ${msOf('upper(g.period * $3::tstzrange)')}
  from gap g
  where g.closed_at is null and g.next_ask <= $4::timestamptz and g.period && $3::tstzrange
    and g.symbol = any($1::varchar[]) and g.timeframe = any($2::varchar[])`;

interface PartOfState {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly what: 'covered' | 'due' | 'failed';
  readonly from_ms: number;
  readonly to_ms: number;
}

export interface StatesQuestion {
  readonly symbols: readonly string[];
  readonly timeframes: readonly Timeframe[];
  readonly range: TimeRange;
  readonly nowMs: number;
}

/** What is known of many series within a range, in one query. */
export async function readSeriesStates(
  database: Queryable,
  { symbols, timeframes, range, nowMs }: StatesQuestion,
): Promise<SeriesState[]> {
  if (range.fromMs >= range.toMs) return emptyStates(symbols, timeframes);
  const { rows } = await database.query<PartOfState>(STATES, [
    [...symbols],
    [...timeframes],
    rangeText(range),
    timestamp(nowMs),
  ]);
  const parts = new Map<string, PartOfState[]>();
  for (const row of rows) {
    const key = `${row.symbol} ${row.timeframe}`;
    const known = parts.get(key);
    if (known === undefined) parts.set(key, [row]);
    else known.push(row);
  }
  return symbols.flatMap((symbol) =>
    timeframes.map((timeframe) =>
      stateOf(symbol, timeframe, parts.get(`${symbol} ${timeframe}`) ?? []),
    ),
  );
}

function stateOf(symbol: string, timeframe: Timeframe, parts: readonly PartOfState[]): SeriesState {
  const rangesOf = (...kinds: PartOfState['what'][]): TimeRange[] =>
    parts
      .filter(({ what }) => kinds.includes(what))
      .map(({ from_ms: fromMs, to_ms: toMs }) => ({ fromMs, toMs }));
  return {
    symbol,
    timeframe,
    covered: normalise(rangesOf('covered')),
    due: normalise(rangesOf('due', 'failed')),
    failed: normalise(rangesOf('failed')),
  };
}

function emptyStates(symbols: readonly string[], timeframes: readonly Timeframe[]): SeriesState[] {
  return symbols.flatMap((symbol) => timeframes.map((timeframe) => stateOf(symbol, timeframe, [])));
}
