import { GAP_KINDS } from '../../domain/gap.js';
import { WrongUse } from '../../domain/failure.js';
import type { Series } from '../../domain/series.js';
import { intersect, normalise, type TimeRange } from '../../domain/time-range.js';
import { openTimeAtOrAfterMs, openTimeMs } from '../../domain/timeframe.js';
import { readCompleteness, type MissingSpan } from '../../storage/completeness.js';
import type { Queryable } from '../../storage/database.js';
import { readReachedMs } from '../../storage/verify/read-records.js';
import { SqlStoredStretches } from '../../storage/verify/stored-stretches.js';
import { readAllGaps } from '../../storage/read-all-gaps.js';
import type { WantedRange } from './export-options.js';

/** What is recorded of the candles of a range. */
export interface SeriesFacts {
  /** What was asked for, or what is stored where nothing was. */
  readonly range: TimeRange;
  /** The candles that lie wholly within it; empty: `fromMs` is not before `toMs`. */
  readonly grid: TimeRange;
  /** Candles that are there. */
  readonly stored: number;
  /** True as m1_complete() is. */
  readonly complete: boolean;
  /** Every candle that is not there, by time, with its reason: also what the venue does not have. */
  readonly absent: readonly MissingSpan[];
}

/** @param nowMs local clock, ms @throws WrongUse for a range that has not begun */
export async function readSeriesFacts(
  snapshot: Queryable,
  series: Series,
  wanted: WantedRange,
  nowMs: number,
): Promise<SeriesFacts> {
  const reachedMs = await readReachedMs(snapshot, nowMs);
  const range = await resolveRange(snapshot, series, wanted, reachedMs);
  const { timeframe } = series;
  const grid = {
    fromMs: openTimeAtOrAfterMs(timeframe, range.fromMs),
    toMs: openTimeMs(timeframe, range.toMs),
  };
  if (grid.fromMs >= grid.toMs) return { range, grid, stored: 0, complete: true, absent: [] };
  const { stored, missing } = await readCompleteness(snapshot, { series, range, reachedMs });
  const unsettled = missing.filter(({ reason }) => !isKind(reason));
  const absent = [...(await readHoles(snapshot, series, grid)), ...unsettled];
  absent.sort((a, b) => a.period.fromMs - b.period.fromMs);
  return { range, grid, stored, complete: missing.length === 0, absent };
}

async function resolveRange(
  snapshot: Queryable,
  series: Series,
  wanted: WantedRange,
  reachedMs: number,
): Promise<TimeRange> {
  const spans = await new SqlStoredStretches(snapshot).spans(series);
  const fromMs = wanted.fromMs ?? spans[0]?.fromMs ?? reachedMs;
  const endMs = wanted.fromMs === undefined ? spans.at(-1)?.toMs : undefined;
  const toMs = wanted.toMs ?? endMs ?? reachedMs;
  if (fromMs < toMs) return { fromMs, toMs };
  if (wanted.toMs !== undefined) return { fromMs: toMs, toMs };
  throw new WrongUse(`--from ${new Date(fromMs).toISOString()} lies in the future`);
}

/** The open gaps within a range; those of one kind that touch are one. */
async function readHoles(
  snapshot: Queryable,
  { symbol, timeframe }: Series,
  range: TimeRange,
): Promise<MissingSpan[]> {
  const gaps = await readAllGaps(snapshot, {
    ...{ symbols: [symbol], timeframes: [timeframe], range, openOnly: true },
  });
  return GAP_KINDS.flatMap((reason) => {
    const periods = gaps.filter(({ kind }) => kind === reason).map(({ period }) => period);
    return intersect(normalise(periods), [range]).map((period) => ({ period, reason }));
  });
}

function isKind(reason: string): boolean {
  return (GAP_KINDS as readonly string[]).includes(reason);
}
