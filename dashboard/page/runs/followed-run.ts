import type { ListedRun, StartedRun } from '../../api.js';
import { endKind, type EndKind } from './end-kind.js';

type Started = Pick<StartedRun, 'workflowId' | 'runId'>;

/** What came of a run that was started here. */
export interface RunOutcome {
  readonly text: string;
  readonly kind: EndKind;
}

/** A run that cannot begin ends within this time, ms. */
const EARLY_MS = 15_000;

/** Follows the run that was started last from reading to reading, until its end is told. */
export class FollowedRun {
  readonly #steadyMs: () => number;
  #run: Started | undefined;
  #sinceMs = 0;
  #saidEnded = false;

  /** @param steadyMs steady clock, ms */
  constructor(steadyMs: () => number = () => performance.now()) {
    this.#steadyMs = steadyMs;
  }

  /** Whether it began so lately that it may end at any moment. */
  get isEarly(): boolean {
    return this.#run !== undefined && this.#steadyMs() - this.#sinceMs < EARLY_MS;
  }

  follow(run: Started): void {
    this.#run = run;
    this.#sinceMs = this.#steadyMs();
    this.#saidEnded = false;
  }

  /** @returns undefined while it goes on, where nothing is new, and where nothing is followed */
  look(runs: readonly ListedRun[]): RunOutcome | undefined {
    const followed = this.#run;
    if (followed === undefined) return undefined;
    // an older run of the same name is not this one, a running one is: it went on in a new history
    const run =
      runs.find(({ runId }) => runId === followed.runId) ??
      runs.find((one) => one.workflowId === followed.workflowId && one.closedAtMs === undefined);
    if (run === undefined) return undefined;
    this.#run = run;
    if (run.closedAtMs === undefined) return undefined;
    // the details of a run that has ended may come a reading later, or never
    const told = run.details !== undefined;
    if (!told && this.#saidEnded) return undefined;
    this.#saidEnded = true;
    if (told) this.#run = undefined;
    const text = `${run.workflowId} ${run.status}${told ? `: ${run.details}` : ''}`;
    return { text, kind: endKind(run) };
  }
}
