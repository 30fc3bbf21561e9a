import type { ListedRun } from '../../domain/listed-run.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { workerPolls } from '../../runtime/worker-presence.js';
import { isRunType, listedRun, listRuns } from '../../steering/list-runs.js';
import { NO_WORKER, queryProgress } from '../../steering/missing-worker.js';
import { queryDetails } from '../../steering/run-details.js';
import { isBackfill } from '../../steering/start-run.js';
import { runLink } from '../../steering/web-ui.js';
import type { ListedRun as ShownRun, RunAction, RunList } from '../api.js';
import type { Connections } from '../connections.js';
import { cardLines } from './card-lines.js';
import { EndedDetails } from './ended-details.js';
import type { RecentRuns } from './recent-runs.js';
import { readProgress } from './run-progress.js';

const MOST_RUNS = 30;

/** A worker that runs answers within this time, and who looks must not wait for one that does not, ms. */
const QUERY_TIMEOUT_MS = 1_000;

/** Reads what runs and what has ended. */
export class RunsReader {
  readonly #connections: Connections;
  readonly #recent: RecentRuns;
  readonly #ended = new EndedDetails();

  constructor(connections: Connections, recent: RecentRuns) {
    this.#connections = connections;
    this.#recent = recent;
  }

  /** @throws ServerAway */
  async read(): Promise<RunList> {
    const temporal = await this.#connections.temporal();
    const [runs, polls] = await Promise.all([this.#list(temporal), workerPolls(temporal)]);
    const running = runs.filter(isRunning);
    const ended = runs.filter((run) => !isRunning(run));
    if (polls) await this.#ended.learn(temporal, ended);
    return {
      runs: [
        ...(await Promise.all(running.map((run) => this.#underWay(temporal, run, polls)))),
        ...ended.map((run) => this.#shown(run, { details: this.#ended.of(run) })),
      ],
    };
  }

  /** Newest first. */
  async #list(temporal: TemporalClient): Promise<readonly ListedRun[]> {
    const [listed, ...recent] = await Promise.all([
      listRuns(temporal, { limit: MOST_RUNS }),
      ...this.#recent.ids().map((id) => describe(temporal, id)),
    ]);
    const byRun = new Map(listed.map((run) => [run.runId, run]));
    for (const run of recent) if (run !== undefined) byRun.set(run.runId, run);
    return [...byRun.values()].sort((a, b) => b.startedAtMs - a.startedAtMs);
  }

  async #underWay(temporal: TemporalClient, run: ListedRun, polls: boolean): Promise<ShownRun> {
    if (!polls) return this.#shown(run, { details: NO_WORKER, actions: ['cancel'] });
    const [details, answer] = await Promise.all([
      queryDetails(temporal, run, QUERY_TIMEOUT_MS),
      isBackfill(run) ? queryProgress(temporal, run.workflowId, QUERY_TIMEOUT_MS) : undefined,
    ]);
    const { database } = this.#connections;
    // the query knows of a change before the list does
    const phase = answer?.phase ?? run.phase;
    return {
      ...this.#shown(run, {
        details: details && cardLines(details).join(' · '),
        actions: actionsOf(run, phase),
      }),
      phase,
      progress: answer && (await readProgress(temporal, database, answer)),
    };
  }

  #shown(
    run: ListedRun,
    known: { readonly details: string | undefined; readonly actions?: readonly RunAction[] },
  ): ShownRun {
    const url = runLink(this.#connections.config.temporal, run);
    return { ...run, url, progress: undefined, actions: [], ...known };
  }
}

function isRunning({ closedAtMs }: ListedRun): boolean {
  return closedAtMs === undefined;
}

function actionsOf(run: ListedRun, phase: string | undefined): readonly RunAction[] {
  if (phase === 'finished') return [];
  if (!isBackfill(run)) return ['cancel'];
  return phase === 'paused' ? ['resume', 'cancel'] : ['pause', 'cancel'];
}

/** @returns undefined when there is no run of M1 of this id */
export async function describe(
  { client }: Pick<TemporalClient, 'client'>,
  workflowId: string,
): Promise<ListedRun | undefined> {
  try {
    const description = await client.workflow.getHandle(workflowId).describe();
    return isRunType(description.type) ? listedRun(description) : undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return undefined;
    throw error;
  }
}
