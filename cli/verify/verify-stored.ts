import type { SeriesFilter, Violation } from '../../domain/verify.js';
import type { Database } from '../../storage/database.js';
import { readReachedMs, readSymbolSeries } from '../../storage/verify/read-records.js';
import { verifySymbol } from '../../storage/verify/verify-symbol.js';

/** Symbols that are looked at at once: the database does the work, and has other work too. */
const AT_ONCE = 2;

/** How far a verification is. */
export interface VerifyProgress {
  readonly symbols: number;
  readonly done: number;
  readonly candles: number;
  readonly violations: number;
}

export interface VerifiedData {
  readonly series: number;
  readonly candles: number;
  /** By symbol. */
  readonly violations: readonly Violation[];
}

/** Compares what is stored with its record and with itself, symbol by symbol. */
export async function verifyStored(
  database: Database,
  filter: SeriesFilter,
  onProgress: (progress: VerifyProgress) => void,
): Promise<VerifiedData> {
  const list = await readSymbolSeries(database, filter);
  const reachedMs = await readReachedMs(database, Date.now());
  const violations: Violation[][] = [];
  let [next, done, candles] = [0, 0, 0];
  const work = async (): Promise<void> => {
    for (let i = next++; i < list.length; i = next++) {
      const one = list[i];
      if (one === undefined) return;
      const verdict = await verifySymbol(database, one, reachedMs);
      violations[i] = [...verdict.violations];
      candles += verdict.candles;
      done++;
      const found = violations.reduce((sum, { length }) => sum + length, 0);
      onProgress({ symbols: list.length, done, candles, violations: found });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return {
    series: list.reduce((sum, { timeframes }) => sum + timeframes.length, 0),
    candles,
    violations: violations.flat(),
  };
}
