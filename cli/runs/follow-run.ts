import { setTimeout as sleep } from 'node:timers/promises';
import type { BackfillProgress, RunningSymbol } from '../../domain/backfill.js';
import { RateMeter } from '../../domain/rate-meter.js';
import type { RunCounts } from '../../domain/stores.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import type { RunView } from '../render/run-view.js';
import { awaitRun } from './await-run.js';
import { BanNotice, type ReadBanMs } from './ban-notice.js';
import { queryPatienceMs, queryProgress, whyUnanswered } from '../../steering/missing-worker.js';
import { orAborted } from '../../runtime/or-aborted.js';
import type { RunOutcome } from './run-outcome.js';
import { runShare, runTotals } from '../../steering/run-state.js';

/** Reads what the symbols under way have stored so far. */
export type ReadLiveCounts = (
  running: readonly RunningSymbol[],
) => Promise<ReadonlyMap<string, RunCounts>>;

export interface FollowOptions {
  readonly temporal: TemporalClient;
  readonly workflowId: string;
  readonly view: RunView;
  readonly readLiveCounts: ReadLiveCounts;
  readonly readBanMs: ReadBanMs;
  /** Whether a worker is known to have worked on the run before. */
  readonly joined: boolean;
  /** Leaves the run going on. */
  readonly signal: AbortSignal;
}

export interface FollowedRun {
  /** Undefined when the run was left going on. */
  readonly outcome: RunOutcome | undefined;
  /** The last that was heard of it. */
  readonly progress: BackfillProgress | undefined;
}

const REFRESH_MS = 1_000;

/** Shows a run until it ends or `signal` aborts. */
export async function followRun(options: FollowOptions): Promise<FollowedRun> {
  const done = new AbortController();
  const watcher = new RunWatcher(options);
  const watching = watcher.watch(AbortSignal.any([done.signal, options.signal]));
  try {
    const outcome = await awaitRun(options.temporal, options.workflowId, options.signal);
    return { outcome, progress: watcher.progress };
  } finally {
    done.abort();
    await watching;
    options.view.end();
  }
}

class RunWatcher {
  readonly #options: FollowOptions;
  readonly #ban: BanNotice;
  #meter = new RateMeter();
  #live: ReadonlyMap<string, RunCounts> = new Map();
  #answered: boolean;
  progress: BackfillProgress | undefined;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#ban = new BanNotice(options.readBanMs);
    this.#answered = options.joined;
  }

  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#look(signal);
      await sleep(REFRESH_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { temporal, workflowId, readLiveCounts } = this.#options;
    const patienceMs = await queryPatienceMs(temporal);
    const answer = await orAborted(queryProgress(temporal, workflowId, patienceMs), signal);
    if (answer === undefined) {
      if (signal.aborted) return;
      const notice = await whyUnanswered(temporal, workflowId, this.#answered);
      if (notice !== undefined) this.#show(notice, signal);
      return;
    }
    this.#answered = true;
    this.progress = answer;
    this.#live = await readLiveCounts(answer.running);
    if (answer.phase === 'running' || answer.phase === 'draining') this.#measure(answer);
    // a pause must neither show the rate before it nor slow down the one after it
    else this.#meter = new RateMeter();
    this.#show(await this.#banNotice(answer), signal);
  }

  /** A run that is paused asks for nothing anyway. */
  async #banNotice(progress: BackfillProgress): Promise<string | undefined> {
    if (progress.phase === 'paused') return undefined;
    return this.#ban.after(runTotals({ progress, live: this.#live }));
  }

  #measure(progress: BackfillProgress): void {
    const standing = { progress, live: this.#live };
    this.#meter.add({
      atMs: performance.now(),
      ...runTotals(standing),
      share: runShare(standing),
    });
  }

  #show(notice: string | undefined, signal: AbortSignal): void {
    // nothing is drawn any more once the run has ended
    if (signal.aborted) return;
    this.#options.view.show({
      progress: this.progress,
      live: this.#live,
      pace: this.#meter.pace(),
      notice,
    });
  }
}
