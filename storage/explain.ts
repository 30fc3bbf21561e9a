import type { CandleValues } from '../domain/candles.js';
import type { GapRecord } from '../domain/gap.js';
import type { Series } from '../domain/series.js';
import type { FetchOrigin } from '../domain/stores.js';
import type { TimeRange } from '../domain/time-range.js';
import { timeframeMs } from '../domain/timeframe.js';
import type { Queryable } from './database.js';
import { msOf, timestamp } from './encode.js';
import { readGaps } from './read-gaps.js';

/** A page or a span of the stream in which a candle lies. */
export interface FetchRecord extends FetchOrigin {
  readonly period: TimeRange;
  /** Local clock, ms. */
  readonly askedAtMs: number;
  /** Closed candles of the answer. */
  readonly rows: number;
  /** Those of them that were not stored before. */
  readonly added: number;
}

/** All that is recorded of one candle. */
export interface CandleFacts {
  /** The stored row. */
  readonly values: CandleValues | undefined;
  /** Whether coverage holds the candle. */
  readonly covered: boolean;
  /** Open time of the candle of its series that was last stored while still open, ms. */
  readonly openCandleMs: number | undefined;
  /** Open gap over it. */
  readonly gap: GapRecord | undefined;
  /** Gaps that lay over it and were closed, oldest first. */
  readonly closedGaps: readonly GapRecord[];
  /** Newest first, at most `MAX_FETCHES`. */
  readonly fetches: readonly FetchRecord[];
  /** Begin of the symbol's first day, ms, where it was probed. */
  readonly firstDayMs: number | undefined;
  /** `RETENTION` has removed what opens before, ms. */
  readonly horizonMs: number | undefined;
}

const MAX_FETCHES = 10;

/** A page has at most so many candles, and a span of the stream no more. */
const MAX_CANDLES = 1_000;

const FACTS = `select
    (select jsonb_build_object('open', open, 'high', high, 'low', low, 'close', close,
        'volume', volume, 'turnover', turnover)
      from ohlcv where symbol = $1 and timeframe = $2 and "timestamp" = $3::timestamptz) as values,
    coalesce((select covered @> $3::timestamptz
      from coverage where symbol = $1 and timeframe = $2), false) as covered,
    (select ${msOf('open_candle')} from coverage where symbol = $1 and timeframe = $2) as open_ms,
    (select ${msOf('first_day')} from symbols where name = $1) as first_day_ms,
    (select ${msOf('horizon')} from retention where timeframe = $2) as horizon_ms`;

interface FactColumns {
  readonly values: CandleValues | null;
  readonly covered: boolean;
  readonly open_ms: number | null;
  readonly first_day_ms: number | null;
  readonly horizon_ms: number | null;
}

/** The lower bound of the begin keeps to a part of the index. */
const FETCHES = `select ${msOf('lower(period)')} as from_ms, ${msOf('upper(period)')} as to_ms,
    source, workflow_id, run_id, ${msOf('asked_at')} as asked_ms, rows, added
  from "fetch"
  where symbol = $1 and timeframe = $2 and lower(period) <= $3::timestamptz
    and lower(period) > $4::timestamptz and period @> $3::timestamptz
  order by asked_at desc, added desc limit ${MAX_FETCHES}`;

interface FetchColumns {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly source: FetchOrigin['source'];
  readonly workflow_id: string;
  readonly run_id: string;
  readonly asked_ms: number;
  readonly rows: number;
  readonly added: number;
}

/** Reads all that is recorded of the candle that opens at `openMs`. */
export async function readCandleFacts(
  database: Queryable,
  { symbol, timeframe }: Series,
  openMs: number,
): Promise<CandleFacts> {
  const lengthMs = timeframeMs(timeframe);
  const key = [symbol, timeframe, timestamp(openMs)];
  const range = { fromMs: openMs, toMs: openMs + lengthMs };
  const facts = await database.query<FactColumns>(FACTS, key);
  const fetches = await database.query<FetchColumns>(FETCHES, [
    ...key,
    timestamp(openMs - MAX_CANDLES * lengthMs),
  ]);
  const filter = { symbols: [symbol], timeframes: [timeframe], range };
  const { gaps } = await readGaps(database, filter);
  const known = facts.rows[0];
  return {
    values: known?.values ?? undefined,
    covered: known?.covered ?? false,
    openCandleMs: known?.open_ms ?? undefined,
    gap: gaps.find(({ closedAtMs }) => closedAtMs === undefined),
    closedGaps: gaps.filter(({ closedAtMs }) => closedAtMs !== undefined),
    fetches: fetches.rows.map(fetchRecord),
    firstDayMs: known?.first_day_ms ?? undefined,
    horizonMs: known?.horizon_ms ?? undefined,
  };
}

function fetchRecord(columns: FetchColumns): FetchRecord {
  const { source, rows, added } = columns;
  return {
    period: { fromMs: columns.from_ms, toMs: columns.to_ms },
    ...{ source, rows, added },
    workflowId: columns.workflow_id,
    runId: columns.run_id,
    askedAtMs: columns.asked_ms,
  };
}
