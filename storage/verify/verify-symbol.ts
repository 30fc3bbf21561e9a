import type { CandleValues } from '../../domain/candles.js';
import { coverageDrift, type SeriesRecord } from '../../domain/coverage-drift.js';
import type { Series } from '../../domain/series.js';
import { intersect, normalise, subtract, type TimeRanges } from '../../domain/time-range.js';
import { openTimeMs, timeframeMs, type Timeframe } from '../../domain/timeframe.js';
import { differingValues, valuesText, type Violation } from '../../domain/verify.js';
import type { Database, Queryable } from '../database.js';
import { inSnapshot } from '../snapshot.js';
import { readRecords, type SymbolSeries } from './read-records.js';
import { readDeniedGaps } from './denied-gaps.js';
import {
  areAsClaimed,
  countRows,
  readRowSpans,
  readUnfitRows,
  type UnfitRow,
} from './read-rows.js';
import { LONGER_TIMEFRAMES, readWrongSums, type WrongSum } from './roll-up.js';

/** What was found of one symbol. */
export interface SymbolVerdict {
  /** Rows that were looked at. */
  readonly candles: number;
  readonly violations: readonly Violation[];
}

/**
 * Compares the rows of a symbol with what is recorded of them, with themselves, and its longer candles
 * with its 5-minute candles.
 *
 * @param reachedMs a moment that the exchange's clock is known to have reached
 */
export async function verifySymbol(
  database: Database,
  { symbol, timeframes }: SymbolSeries,
  reachedMs: number,
): Promise<SymbolVerdict> {
  return inSnapshot(database, async (transaction) => {
    const records = await readRecords(transaction, symbol);
    let candles = 0;
    const violations: Violation[] = [];
    for (const timeframe of timeframes) {
      const record = records.get(timeframe) ?? withoutRecord({ symbol, timeframe });
      const verdict = await verifySeries(transaction, record, reachedMs);
      candles += verdict.candles;
      violations.push(...verdict.violations);
    }
    const all = new Map([...records].map(([timeframe, one]) => [timeframe, claimed(one)] as const));
    const denied = await readDeniedGaps(transaction, symbol, all, timeframes);
    violations.push(...denied.filter((one) => !violations.some((known) => isOver(known, one))));
    const closed = new Map(
      [...all].filter(([timeframe]) => timeframe === '5m' || timeframes.includes(timeframe)),
    );
    const longer = LONGER_TIMEFRAMES.some((timeframe) => (closed.get(timeframe) ?? []).length > 0);
    const sums = longer ? await readWrongSums(transaction, symbol, closed) : [];
    const wrong = sums.map((sum) => wrongSum(symbol, sum));
    return { candles, violations: [...violations, ...withoutKnown(wrong, violations)] };
  });
}

async function verifySeries(
  transaction: Queryable,
  record: SeriesRecord,
  reachedMs: number,
): Promise<SymbolVerdict> {
  const { symbol, timeframe } = record;
  const stored = claimed(record);
  const counts = await countRows(transaction, record, stored);
  const unfit = counts.unfit > 0 ? await readUnfitRows(transaction, record) : [];
  const asClaimed = areAsClaimed(counts, stored, record);
  const rows = asClaimed ? stored : await readRowSpans(transaction, record);
  return {
    candles: counts.rows,
    violations: [
      ...coverageDrift(record, rows, reachedMs),
      ...unfit.map((row) => unfitRow({ symbol, timeframe }, row)),
    ],
  };
}

function withoutRecord(series: Series): SeriesRecord {
  return {
    ...{ ...series, covered: [], gaps: [], candles: 0 },
    ...{ firstCandleMs: undefined, openCandleMs: undefined },
  };
}

/** Whether a row in a gap explains that others traded then. */
function isOver({ check, timeframe, period }: Violation, denied: Violation): boolean {
  if (check !== 'gap_over_row' || timeframe !== denied.timeframe) return false;
  return intersect([period], [denied.period]).length > 0;
}

/** Where the record says that closed candles are stored. */
function claimed({ covered, gaps }: SeriesRecord): TimeRanges {
  return subtract(covered, normalise(gaps));
}

function unfitRow(series: Series, row: UnfitRow): Violation {
  const { timeMs } = row;
  const period = { fromMs: timeMs, toMs: timeMs + timeframeMs(series.timeframe) };
  const { symbol, timeframe } = series;
  if (!row.on_grid) {
    return {
      ...{ symbol, timeframe, check: 'off_grid', period },
      expected: `a multiple of ${timeframe}`,
      found: new Date(timeMs).toISOString(),
    };
  }
  if (!row.prices_fit) {
    return {
      ...{ symbol, timeframe, check: 'prices', period },
      expected: '0 < low <= open, close <= high',
      found: valuesText(row, ['open', 'high', 'low', 'close']),
    };
  }
  return {
    ...{ symbol, timeframe, check: 'volume', period },
    expected: 'volume and turnover of at least 0',
    found: valuesText(row, ['volume', 'turnover']),
  };
}

function wrongSum(symbol: string, { timeframe, fromMs, stored, summed }: WrongSum): Violation {
  const names = differingValues(stored, summed);
  return {
    ...{ symbol, timeframe, check: 'roll_up' },
    period: { fromMs, toMs: fromMs + timeframeMs(timeframe) },
    expected: `${valuesText(withoutNoise(summed), names)} from 5m`,
    found: valuesText(stored, names),
  };
}

/** Digits that only the order of the summation has made are not shown. */
function withoutNoise(summed: CandleValues): CandleValues {
  const { volume, turnover } = summed;
  const rounded = <T extends number | null>(sum: T): T | number =>
    sum === null ? sum : Number(sum.toPrecision(15));
  return { ...summed, volume: rounded(volume), turnover: rounded(turnover) };
}

/** A row that cannot be makes the sums wrong as well: that is told once. */
function withoutKnown(sums: readonly Violation[], known: readonly Violation[]): Violation[] {
  const keyOf = (timeframe: Timeframe, timeMs: number): string =>
    `${timeframe} ${openTimeMs(timeframe, timeMs)}`;
  const unfit = known
    .filter(({ check }) => check === 'prices' || check === 'volume')
    .flatMap(({ timeframe, period }) =>
      (timeframe === '5m' ? LONGER_TIMEFRAMES : [timeframe]).map((one) =>
        keyOf(one, period.fromMs),
      ),
    );
  const told = new Set(unfit);
  return sums.filter(({ timeframe, period }) => !told.has(keyOf(timeframe, period.fromMs)));
}
