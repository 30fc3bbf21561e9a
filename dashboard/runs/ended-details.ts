import { reasonOf } from '../../domain/failure.js';
import type { ListedRun } from '../../domain/listed-run.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { deepestCause } from '../../steering/deepest-cause.js';
import { queryDetails } from '../../steering/run-details.js';
import { cardLines } from './card-lines.js';

/** A worker has to go through the whole history of a run that has ended, ms. */
const QUERY_TIMEOUT_MS = 5_000;

/** Most that are asked for in one reading: the others have their turn in the next. */
const MOST_AT_ONCE = 4;

/** Runs that are remembered. */
const MOST_KEPT = 500;

/** What runs came to. It never changes, so none is asked for again once it is known. */
export class EndedDetails {
  readonly #known = new Map<string, string>();
  /** How often each run was asked for that has told nothing yet. */
  #asked: ReadonlyMap<string, number> = new Map();

  /** Learns what it can of those that it does not know yet. */
  async learn(temporal: TemporalClient, runs: readonly ListedRun[]): Promise<void> {
    await Promise.all(
      this.#next(runs).map(async (run) => {
        const text = (await failureOf(temporal, run)) ?? (await detailsOf(temporal, run));
        if (text !== undefined) this.#known.set(run.runId, text);
      }),
    );
    for (const runId of this.#known.keys()) {
      if (this.#known.size <= MOST_KEPT) return;
      this.#known.delete(runId);
    }
  }

  of({ runId }: ListedRun): string | undefined {
    return this.#known.get(runId);
  }

  /** Whom to ask now: a run that no worker can replay any more must not keep the others waiting. */
  #next(runs: readonly ListedRun[]): readonly ListedRun[] {
    const times = ({ runId }: ListedRun): number => this.#asked.get(runId) ?? 0;
    const unknown = runs.filter(({ runId }) => !this.#known.has(runId));
    const next = unknown.toSorted((a, b) => times(a) - times(b)).slice(0, MOST_AT_ONCE);
    this.#asked = new Map(
      unknown.map((run) => [run.runId, times(run) + Number(next.includes(run))]),
    );
    return next;
  }
}

async function detailsOf(temporal: TemporalClient, run: ListedRun): Promise<string | undefined> {
  const details = await queryDetails(temporal, run, QUERY_TIMEOUT_MS);
  return details && cardLines(details).join(' · ');
}

/** Why a run failed, one line; undefined for one that did not. */
async function failureOf(
  { client }: TemporalClient,
  { workflowId, runId, status }: ListedRun,
): Promise<string | undefined> {
  if (status !== 'failed') return undefined;
  try {
    await client.workflow.getHandle(workflowId, runId, { followRuns: false }).result();
    return undefined;
  } catch (error) {
    return error instanceof Error ? reasonOf(deepestCause(error)) : reasonOf(error);
  }
}
