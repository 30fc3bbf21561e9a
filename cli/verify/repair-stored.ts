import { RetryNow } from '../../domain/failure.js';
import { mendings, type Mending } from '../../domain/mending.js';
import type { Timeframe } from '../../domain/timeframe.js';
import type { TimeRanges } from '../../domain/time-range.js';
import type { Violation } from '../../domain/verify.js';
import type { Database } from '../../storage/database.js';
import type { DueGap } from '../../storage/make-due.js';
import { mendSeries } from '../../storage/verify/mend-series.js';

/** Recorded as the finder of the gaps. */
const FOUND_BY = 'm1 verify';

/** A writer of the same series may come in between. */
const ATTEMPTS = 5;

/**
 * Deletes what is wrong and makes the records fit the rows, series by series.
 *
 * @param verified timeframes that were looked at
 * @param nowMs local clock, ms
 * @returns gaps that are due now
 */
export async function repairStored(
  database: Database,
  violations: readonly Violation[],
  verified: readonly Timeframe[],
  nowMs: number,
): Promise<DueGap[]> {
  const gaps: DueGap[] = [];
  for (const mending of mendings(violations, verified)) {
    const { symbol, timeframe } = mending;
    const periods = await mend(database, mending, nowMs);
    gaps.push(...periods.map((period) => ({ symbol, timeframe, period })));
  }
  return gaps;
}

async function mend(database: Database, mending: Mending, nowMs: number): Promise<TimeRanges> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await mendSeries(database, mending, { foundBy: FOUND_BY, nowMs });
    } catch (error) {
      if (!(error instanceof RetryNow) || attempt === ATTEMPTS) throw error;
    }
  }
}
