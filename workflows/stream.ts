import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { StreamActivities } from '../activities/stream/types.js';
import { COLLECTOR_KIND, COLLECTOR_PHASE } from '../domain/search-attributes.js';
import type {
  StreamPairs,
  StreamPhase,
  StreamPlan,
  StreamRequest,
  StreamStatus,
  SymbolsChange,
} from '../domain/stream.js';
import { describeStream } from './describe-stream.js';
import { PLANNING, STREAMING } from './policies.js';
import { liveSignal, rotateUpdate, setSymbolsUpdate, statusQuery } from './stream-messages.js';

/**
 * A running activity is replaced after this time, so that a new build is picked up and no attempt
 * lives for ever.
 */
const ROTATE_AFTER = '24h';

/** Another set that no successor could take over is tried again after this time. */
const FOLLOW_PLAN_AFTER = '5m';

/** How long a successor may take until data flows; after it the old activity goes on. */
const SUCCESSOR_PATIENCE = '2m';

const planning = proxyActivities<Pick<StreamActivities, 'planStream'>>(PLANNING);
const streaming = proxyActivities<Pick<StreamActivities, 'runStream'>>(STREAMING);

export interface StreamInput {
  readonly request: StreamRequest;
  /** Where the run before this one stood, when it continues as new. */
  readonly goingOn?: GoingOn;
}

interface GoingOn {
  readonly plan: StreamPlan;
  readonly startedAtMs: number;
  readonly rotations: number;
  readonly generation: number;
}

/** An activity that holds the sockets. */
interface Holder {
  readonly generation: number;
  readonly plan: StreamPlan;
  readonly scope: CancellationScope;
  /** Resolves when it has ended, whatever way. */
  readonly ended: Promise<void>;
  /** Set when it ended by itself: an activity that holds sockets ends only when nothing mends it. */
  failure: Error | undefined;
}

/** Keeps an activity alive that holds the sockets, until the workflow is cancelled. */
export async function streamWorkflow(input: StreamInput): Promise<void> {
  await new StreamRun(input).execute();
}

class StreamRun {
  #pairs: StreamPairs;
  #plan: StreamPlan | undefined;
  readonly #startedAtMs: number;
  #rotations: number;
  #generation: number;
  #liveGeneration = 0;
  #rotationsWanted = 0;
  #rotationsTried = 0;
  /** Why the last rotation did not happen. */
  #rotationError: Error | undefined;
  #phase: StreamPhase = 'planning';
  #shownPhase: StreamPhase | undefined;
  /** One change of the set at a time. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor({ request, goingOn }: StreamInput) {
    this.#pairs = request.pairs;
    this.#plan = goingOn?.plan;
    this.#startedAtMs = goingOn?.startedAtMs ?? Date.now();
    this.#rotations = goingOn?.rotations ?? 0;
    this.#generation = goingOn?.generation ?? 0;
    this.#liveGeneration = this.#generation;
    this.#handleMessages();
  }

  async execute(): Promise<void> {
    this.#enter('planning');
    await this.#oneAtATime(() => this.#planFirst());
    let holder = this.#hold(this.#currentPlan());
    this.#enter('connecting');
    try {
      while (!workflowInfo().continueAsNewSuggested) {
        await this.#untilRotation(holder);
        if (holder.failure !== undefined) throw holder.failure;
        if (workflowInfo().continueAsNewSuggested) break;
        holder = await this.#rotate(holder);
      }
    } finally {
      this.#enter('stopping');
      await CancellationScope.nonCancellable(() => release(holder));
      this.#enter('stopped');
    }
    await condition(allHandlersFinished);
    await continueAsNew<typeof streamWorkflow>(this.#next());
  }

  /** In turn with changes of the set, so that no older plan overtakes one of them. */
  async #planFirst(): Promise<void> {
    this.#plan ??= await this.#makePlan(this.#pairs);
  }

  async #untilRotation(holder: Holder): Promise<void> {
    const due = (): boolean =>
      this.#rotationsWanted > 0 ||
      holder.failure !== undefined ||
      workflowInfo().continueAsNewSuggested;
    await condition(due, holder.plan === this.#plan ? ROTATE_AFTER : FOLLOW_PLAN_AFTER, {
      summary: 'until a new activity takes over',
    });
  }

  /** The successor is live before the old activity ends, so that no close is missed between them. */
  async #rotate(old: Holder): Promise<Holder> {
    const wanted = this.#rotationsWanted;
    const next = this.#hold(this.#currentPlan());
    this.#enter('rotating');
    try {
      const settled = (): boolean =>
        this.#liveGeneration >= next.generation || next.failure !== undefined;
      await condition(settled, SUCCESSOR_PATIENCE, { summary: 'for data of the new activity' });
    } catch (error) {
      // cancelled meanwhile: both are to end
      await CancellationScope.nonCancellable(() => release(next));
      throw error;
    }
    const taken = next.failure === undefined && this.#liveGeneration >= next.generation;
    // The activity that runs is better than a successor that cannot.
    await release(taken ? old : next);
    if (taken) this.#rotations++;
    this.#rotationError = taken ? undefined : (next.failure ?? notLive());
    this.#rotationsWanted -= wanted;
    this.#rotationsTried += wanted;
    const current = taken ? next : old;
    this.#enter(this.#liveGeneration >= current.generation ? 'live' : 'connecting');
    return current;
  }

  #hold(plan: StreamPlan): Holder {
    const { symbols, databaseId } = plan;
    const generation = ++this.#generation;
    const scope = new CancellationScope();
    const run = scope.run(() =>
      streaming.runStream.executeWithOptions(
        { ...STREAMING, summary: `sockets of ${symbols.length} symbols` },
        [{ symbols, databaseId, generation }],
      ),
    );
    const holder: Holder = {
      ...{ generation, plan },
      scope,
      failure: undefined,
      ended: run.catch((error: unknown) => {
        if (!isCancellation(error)) holder.failure = asError(error);
      }),
    };
    return holder;
  }

  async #makePlan(pairs: StreamPairs): Promise<StreamPlan> {
    return planning.planStream.executeWithOptions({ ...PLANNING, summary: 'symbols to follow' }, [
      pairs,
    ]);
  }

  #handleMessages(): void {
    setHandler(statusQuery, () => this.#status(), {
      description: 'What the stream follows and whether data flows',
    });
    setHandler(liveSignal, (generation) => {
      this.#liveGeneration = Math.max(this.#liveGeneration, generation);
      if (this.#phase === 'connecting') this.#enter('live');
    });
    setHandler(setSymbolsUpdate, (pairs) => this.#oneAtATime(() => this.#setSymbols(pairs)), {
      description: 'Follow other pairs, without a moment in between',
    });
    setHandler(rotateUpdate, () => this.#rotateNow(), {
      description: 'Replace the activity that holds the sockets by a new one',
    });
  }

  async #oneAtATime<Result>(change: () => Promise<Result>): Promise<Result> {
    const turn = this.#changing.then(change, change);
    this.#changing = turn.catch(() => undefined);
    return turn;
  }

  async #setSymbols(pairs: StreamPairs): Promise<SymbolsChange> {
    await this.#planFirst();
    const before = this.#currentPlan().symbols;
    const plan = await this.#makePlan(pairs);
    const change: SymbolsChange = {
      added: plan.symbols.filter((symbol) => !before.includes(symbol)),
      removed: before.filter((symbol) => !plan.symbols.includes(symbol)),
      symbols: plan.symbols,
    };
    this.#pairs = pairs;
    this.#plan = plan;
    const differs = change.added.length + change.removed.length > 0;
    if (differs && this.#phase !== 'planning') this.#rotationsWanted++;
    this.#show();
    return change;
  }

  /** @returns rotations so far */
  async #rotateNow(): Promise<number> {
    this.#rotationsWanted++;
    const target = this.#rotationsTried + this.#rotationsWanted;
    await condition(() => this.#rotationsTried >= target || this.#phase === 'stopped');
    if (this.#rotationError !== undefined) throw this.#rotationError;
    return this.#rotations;
  }

  #currentPlan(): StreamPlan {
    if (this.#plan === undefined) throw new Error('a stream without a plan has no symbols');
    return this.#plan;
  }

  #status(): StreamStatus {
    return {
      phase: this.#phase,
      source: this.#plan?.source ?? '',
      pairs: this.#pairs,
      symbols: this.#plan?.symbols ?? [],
      startedAtMs: this.#startedAtMs,
      rotations: this.#rotations,
    };
  }

  #enter(phase: StreamPhase): void {
    this.#phase = phase;
    this.#show();
  }

  /** Makes the state readable in the Web UI; the phase is searchable, so it is set on change only. */
  #show(): void {
    setCurrentDetails(describeStream(this.#status()));
    if (this.#shownPhase === this.#phase) return;
    this.#shownPhase = this.#phase;
    upsertSearchAttributes([
      { key: COLLECTOR_KIND, value: 'stream' },
      { key: COLLECTOR_PHASE, value: this.#phase },
    ]);
  }

  #next(): StreamInput {
    return {
      request: { pairs: this.#pairs },
      goingOn: {
        plan: this.#currentPlan(),
        startedAtMs: this.#startedAtMs,
        rotations: this.#rotations,
        generation: this.#generation,
      },
    };
  }
}

/** Ends an activity and waits until its sockets are closed. */
async function release({ scope, ended }: Holder): Promise<void> {
  scope.cancel();
  await ended;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function notLive(): Error {
  return ApplicationFailure.nonRetryable(
    `the successor had no data within ${SUCCESSOR_PATIENCE}: the activity before it goes on`,
    'RotationFailed',
  );
}
