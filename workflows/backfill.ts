import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  ContinueAsNew,
  isCancellation,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { RepairActivities } from '../activities/repair/types.js';
import type { BackfillActivities } from '../activities/types.js';
import type {
  BackfillPlan,
  BackfillProgress,
  BackfillRequest,
  BackfillResult,
  FailedSeries,
  PlannedSymbol,
  RunningSymbol,
} from '../domain/backfill.js';
import { COLLECTOR_KIND, COLLECTOR_PHASE } from '../domain/search-attributes.js';
import {
  pauseUpdate,
  progressQuery,
  resumeUpdate,
  setConcurrencyUpdate,
  setPausedSignal,
} from './backfill-messages.js';
import { reasonToGoOn } from './child-failure.js';
import { describeProgress, type EarlyEnd } from './describe-progress.js';
import { PLANNING, RECORDING } from './policies.js';
import { failureText } from './failure-text.js';
import { startSymbol, type SymbolHandle } from './start-symbol.js';
import { runSymbolPool } from './symbol-pool.js';

const planning = proxyActivities<Pick<BackfillActivities, 'planBackfill'>>(PLANNING);
const recording = proxyActivities<Pick<BackfillActivities, 'recordFailed'>>(RECORDING);
const waking = proxyActivities<Pick<RepairActivities, 'wakeRepair'>>(RECORDING);

/** Runs that began before a backfill woke the repair end as they began. */
const WAKES_REPAIR = 'backfill-wakes-repair';

/**
 * Symbols at once. Far more than fill 64 requests in flight: a symbol that waits for its probe or for
 * its last page must not leave a place unused.
 */
const DEFAULT_CONCURRENCY = 32;
const MAX_CONCURRENCY = 64;

/** A plan that ends at "now" is this old before a symbol asks the venue for its time again, ms. */
const PLAN_AGES_MS = 300_000;

export interface BackfillInput {
  readonly request: BackfillRequest;
  /** Set when the run goes on in a new history. */
  readonly goingOn?: GoingOn;
}

/** What a run has come to. Plain data: it moves to the next history as it is. */
interface GoingOn {
  readonly plan: BackfillPlan;
  readonly startedAtMs: number;
  readonly plannedAtMs: number;
  /** Symbols of the plan that are done, counted from its start. */
  readonly done: number;
  readonly candles: number;
  readonly requests: number;
  readonly failed: readonly FailedSeries[];
  readonly paused: boolean;
  readonly concurrency: number;
}

/** Plans a backfill, then brings each symbol of it up to date with bounded concurrency. */
export async function backfillWorkflow(input: BackfillInput): Promise<BackfillResult> {
  return await new BackfillRun(input).execute();
}

class BackfillRun {
  readonly #request: BackfillRequest;
  readonly #startedAtMs: number;
  readonly #running = new Map<string, { planned: PlannedSymbol; handle: SymbolHandle }>();
  #plan: BackfillPlan | undefined;
  #plannedAtMs: number;
  #done: number;
  #candles: number;
  #requests: number;
  #failed: FailedSeries[];
  #paused: boolean;
  #concurrency: number;
  #finished = false;
  #shownPhase: BackfillProgress['phase'] | undefined;

  constructor({ request, goingOn }: BackfillInput) {
    this.#request = request;
    this.#plan = goingOn?.plan;
    this.#startedAtMs = goingOn?.startedAtMs ?? Date.now();
    this.#plannedAtMs = goingOn?.plannedAtMs ?? this.#startedAtMs;
    this.#done = goingOn?.done ?? 0;
    this.#candles = goingOn?.candles ?? 0;
    this.#requests = goingOn?.requests ?? 0;
    this.#failed = [...(goingOn?.failed ?? [])];
    this.#paused = goingOn?.paused ?? false;
    this.#concurrency = goingOn?.concurrency ?? DEFAULT_CONCURRENCY;
    this.#handleMessages();
  }

  async execute(): Promise<BackfillResult> {
    try {
      return await this.#run();
    } catch (error) {
      // not a phase: the status of the run says it to whoever searches
      if (!(error instanceof ContinueAsNew))
        this.#tell(isCancellation(error) ? 'cancelled' : 'failed');
      throw error;
    }
  }

  async #run(): Promise<BackfillResult> {
    this.#show();
    const plan = this.#plan ?? (await this.#makePlan());
    if (this.#request.dryRun) return this.#finish(plan, { plan });
    this.#show();
    const offset = this.#done;
    const items = plan.symbols.slice(offset);
    const started = await runSymbolPool({
      items,
      limit: () => (this.#paused ? 0 : this.#concurrency),
      draining: () => workflowInfo().continueAsNewSuggested,
      work: (planned) => this.#backfillSymbol(planned, plan),
    });
    await condition(allHandlersFinished);
    if (started < items.length) await continueAsNew<typeof backfillWorkflow>(this.#next(plan));
    if (patched(WAKES_REPAIR)) {
      await waking.wakeRepair.executeWithOptions(
        { ...RECORDING, summary: 'has what is missing asked for again' },
        [],
      );
    }
    return this.#finish(plan, {});
  }

  async #makePlan(): Promise<BackfillPlan> {
    const plan = await planning.planBackfill.executeWithOptions(
      { ...PLANNING, summary: 'symbols, range and what is settled already' },
      [this.#request],
    );
    this.#plan = plan;
    this.#plannedAtMs = Date.now();
    this.#requests += plan.requests;
    return plan;
  }

  async #backfillSymbol(planned: PlannedSymbol, plan: BackfillPlan): Promise<void> {
    const { symbol, timeframes } = planned;
    const { source, databaseId, fromMs, toMs, venueTimeMs } = plan;
    const task = {
      ...{ symbol, timeframes, source, databaseId, fromMs, toMs, venueTimeMs },
      goOnToNow: plan.toNow && Date.now() - this.#plannedAtMs > PLAN_AGES_MS,
      onlyFailed: this.#request.onlyFailed,
    };
    try {
      const handle = await startSymbol({ ...task, paused: this.#paused });
      this.#running.set(symbol, { planned, handle });
      // A pause that came while a namesake was waited for has not reached this child.
      if (this.#paused) await handle.signal(setPausedSignal, true);
      const outcome = await handle.result();
      this.#candles += outcome.candles;
      this.#requests += outcome.requests;
      this.#failed.push(...outcome.failed);
    } catch (error) {
      const reason = reasonToGoOn(error);
      const failed = timeframes.map((timeframe) => ({ symbol, timeframe, reason }));
      await recording.recordFailed.executeWithOptions(
        { ...RECORDING, summary: failureText(failed) },
        [task, failed],
      );
      this.#failed.push(...failed);
    } finally {
      this.#running.delete(symbol);
    }
    this.#done++;
    this.#show();
  }

  #handleMessages(): void {
    setHandler(progressQuery, () => this.#progress(), {
      description: 'How far the run is: symbols, candles, requests, failed series',
    });
    setHandler(pauseUpdate, () => this.#setPaused(true), {
      description: 'Stop after the pages in flight',
    });
    setHandler(resumeUpdate, () => this.#setPaused(false), { description: 'Go on' });
    setHandler(
      setConcurrencyUpdate,
      (concurrency) => {
        const before = this.#concurrency;
        this.#concurrency = concurrency;
        this.#show();
        return before;
      },
      { description: `Symbols at once, 1 to ${MAX_CONCURRENCY}`, validator: refuseConcurrency },
    );
  }

  async #setPaused(paused: boolean): Promise<void> {
    this.#paused = paused;
    this.#show();
    const signals = [...this.#running.values()].map(async ({ handle }) => {
      try {
        await handle.signal(setPausedSignal, paused);
      } catch {
        // It ended in the meantime, so there is nothing left to pause.
      }
    });
    await Promise.all(signals);
  }

  #phase(): BackfillProgress['phase'] {
    if (this.#finished) return 'finished';
    if (this.#plan === undefined) return 'planning';
    if (this.#paused) return 'paused';
    return workflowInfo().continueAsNewSuggested ? 'draining' : 'running';
  }

  #progress(): BackfillProgress {
    const plan = this.#plan;
    return {
      phase: this.#phase(),
      source: plan?.source ?? '',
      concurrency: this.#concurrency,
      startedAtMs: this.#startedAtMs,
      fromMs: plan?.fromMs ?? 0,
      toMs: plan?.toMs ?? 0,
      series: plan?.series ?? 0,
      symbols: { total: plan?.symbols.length ?? 0, done: this.#done },
      plannedCandles: plan?.symbols.reduce((sum, { candles }) => sum + candles, 0) ?? 0,
      candles: this.#candles,
      requests: this.#requests,
      running: [...this.#running.values()].map(({ planned, handle }): RunningSymbol => ({
        ...planned,
        workflowId: handle.workflowId,
        runId: handle.firstExecutionRunId,
      })),
      failed: this.#failed,
    };
  }

  #tell(end?: EarlyEnd): BackfillProgress {
    const progress = this.#progress();
    setCurrentDetails(describeProgress(progress, workflowInfo().workflowId, end));
    return progress;
  }

  /** Makes the state readable in the Web UI; the phase is searchable, so it is set on change only. */
  #show(): void {
    const progress = this.#tell();
    if (this.#shownPhase === progress.phase) return;
    this.#shownPhase = progress.phase;
    const partial = progress.phase === 'finished' && progress.failed.length > 0;
    upsertSearchAttributes([
      { key: COLLECTOR_KIND, value: 'backfill' },
      { key: COLLECTOR_PHASE, value: partial ? 'partial' : progress.phase },
    ]);
  }

  #finish(plan: BackfillPlan, extra: Pick<BackfillResult, 'plan'>): BackfillResult {
    this.#finished = true;
    this.#show();
    return {
      status: this.#failed.length === 0 ? 'done' : 'partial',
      series: plan.series,
      candles: this.#candles,
      requests: this.#requests,
      seconds: (Date.now() - this.#startedAtMs) / 1000,
      failed: this.#failed,
      ...(plan.clipped === undefined ? {} : { clipped: plan.clipped }),
      ...extra,
    };
  }

  #next(plan: BackfillPlan): BackfillInput {
    return {
      request: this.#request,
      goingOn: {
        plan,
        startedAtMs: this.#startedAtMs,
        plannedAtMs: this.#plannedAtMs,
        done: this.#done,
        candles: this.#candles,
        requests: this.#requests,
        failed: this.#failed,
        paused: this.#paused,
        concurrency: this.#concurrency,
      },
    };
  }
}

function refuseConcurrency(concurrency: number): void {
  if (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= MAX_CONCURRENCY) return;
  throw ApplicationFailure.nonRetryable(
    `concurrency must be a whole number from 1 to ${MAX_CONCURRENCY}`,
    'WrongUse',
  );
}
