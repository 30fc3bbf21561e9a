import type { ListedRun, RunAction } from '../../api.js';

/** What a run has not done after this time may be asked for again, ms. */
const PATIENCE_MS = 30_000;

/** What a run is between being asked and doing it. */
const MEANWHILE: Readonly<Record<RunAction, string>> = {
  pause: 'asked to pause',
  resume: 'asked to go on',
  cancel: 'asked to stop',
};

interface Asked {
  readonly action: RunAction;
  readonly state: string;
  readonly atMs: number;
}

/** Phase of a run, or its status where it has none. */
export function stateOf({ phase, status }: Pick<ListedRun, 'phase' | 'status'>): string {
  return phase ?? status;
}

/** What a run was asked to do and has not done yet. */
export class AskedOfRun {
  readonly #steadyMs: () => number;
  #asked: Asked | undefined;

  /** @param steadyMs steady clock, ms */
  constructor(steadyMs: () => number = () => performance.now()) {
    this.#steadyMs = steadyMs;
  }

  /** What it is meanwhile; undefined when nothing is waited for. */
  get meanwhile(): string | undefined {
    return this.#asked && MEANWHILE[this.#asked.action];
  }

  ask(action: RunAction, run: ListedRun): void {
    this.#asked = { action, state: stateOf(run), atMs: this.#steadyMs() };
  }

  /** A refused wish is not waited for. */
  forget(): void {
    this.#asked = undefined;
  }

  /** Takes over a reading of a run that goes on: one that was cancelled stays asked until it ends. */
  look(run: ListedRun): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    const done = asked.action !== 'cancel' && stateOf(run) !== asked.state;
    if (done || this.#steadyMs() - asked.atMs > PATIENCE_MS) this.forget();
  }
}
