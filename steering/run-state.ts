import type { BackfillProgress } from '../domain/backfill.js';
import type { RunCounts } from '../domain/stores.js';
import type { RunPace } from '../domain/rate-meter.js';

/** What is shown of a run under way. */
export interface RunState {
  /** The last answer of the query; undefined before the first one. */
  readonly progress: BackfillProgress | undefined;
  /** By symbol; empty where the database cannot be read from here. */
  readonly live: ReadonlyMap<string, RunCounts>;
  readonly pace: RunPace | undefined;
  /** Shown above all: that no worker runs, for example. */
  readonly notice: string | undefined;
}

/** Candles and requests of the whole run, those of symbols under way included. */
export function runTotals({ progress, live }: Pick<RunState, 'progress' | 'live'>): RunCounts {
  const total = { candles: progress?.candles ?? 0, requests: progress?.requests ?? 0 };
  for (const counts of live.values()) {
    total.candles += counts.candles;
    total.requests += counts.requests;
  }
  return total;
}

/**
 * Share of the run that is done, 0 to 1. Counted by symbols and not by candles, since the plan holds
 * candles before a listing that will never come.
 */
export function runShare({ progress, live }: Pick<RunState, 'progress' | 'live'>): number {
  if (progress === undefined) return 0;
  if (progress.phase === 'finished') return 1;
  const { total, done } = progress.symbols;
  if (total === 0) return 0;
  const underWay = progress.running.reduce(
    (sum, { symbol, candles }) => sum + symbolShare(live.get(symbol)?.candles ?? 0, candles),
    0,
  );
  return Math.min(1, (done + underWay) / total);
}

export function symbolShare(stored: number, planned: number): number {
  return planned === 0 ? 0 : Math.min(1, stored / planned);
}
