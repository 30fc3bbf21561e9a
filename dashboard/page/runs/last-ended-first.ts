import type { ListedRun } from '../../api.js';

/** The runs that have ended, in the order of their ends. */
export function lastEndedFirst(runs: readonly ListedRun[]): readonly ListedRun[] {
  return runs
    .filter((run) => run.closedAtMs !== undefined)
    .sort((a, b) => (b.closedAtMs ?? 0) - (a.closedAtMs ?? 0));
}
