import { WrongUse } from '../../domain/failure.js';
import type { ListedRun } from '../../domain/listed-run.js';
import { nameOfRun } from '../../steering/list-runs.js';

/** What may be left out at the front of an id. */
export const PREFIX = 'backfill/bybit/';

const MAX_CANDIDATES = 8;

/** What tells of several runs that fit the one that is meant. */
export interface RunPreference {
  /** Of runs that fit equally well, those that go on: nothing can be done to the others. */
  readonly runningFirst: boolean;
}

/**
 * The run whose id begins with `text`: better one whose parts between slashes do so as a whole.
 *
 * @param runs that begin so, with or without the front of an id, newest first
 * @throws WrongUse when none or several fit
 */
export function chooseRun(
  text: string,
  runs: readonly ListedRun[],
  { runningFirst }: RunPreference,
): ListedRun {
  const latest = latestByName(runs);
  const whole = latest.get(text);
  if (whole !== undefined) return whole;
  const ends = [`${text}/`, `${PREFIX}${text}/`];
  const fitting = preferred([...latest.keys()], (name) => ends.some((end) => name.startsWith(end)));
  const goesOn = (name: string): boolean => latest.get(name)?.status === 'running';
  const names = runningFirst ? preferred(fitting, goesOn) : fitting;
  const only = latest.get(names[0] ?? '');
  if (only === undefined) {
    throw new WrongUse(`there is no run ${JSON.stringify(text)}: m1 runs list shows them`);
  }
  if (names.length > 1) {
    const some = names.slice(0, MAX_CANDIDATES).join(', ');
    throw new WrongUse(`${JSON.stringify(text)} fits ${names.length} runs: ${some}`);
  }
  return only;
}

/** The first of a name is the one that runs or ran last. */
function latestByName(runs: readonly ListedRun[]): ReadonlyMap<string, ListedRun> {
  const latest = new Map<string, ListedRun>();
  for (const run of runs) {
    const name = nameOfRun(run.workflowId);
    if (!latest.has(name)) latest.set(name, run);
  }
  return latest;
}

/** Those that are better, or all where none is. */
function preferred(names: readonly string[], better: (name: string) => boolean): readonly string[] {
  const best = names.filter(better);
  return best.length > 0 ? best : names;
}
