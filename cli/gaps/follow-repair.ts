import { setTimeout as sleep } from 'node:timers/promises';
import { ServerAway } from '../../domain/failure.js';
import { REPAIR_WORKFLOW_ID } from '../../domain/workflow-names.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import type { Queryable } from '../../storage/database.js';
import { readLeftOpen, type DueGap, type LeftOpen } from '../../storage/make-due.js';
import { formatCount } from '../render/format.js';
import { candlesIn } from '../render/gap-lines.js';
import type { LineView } from '../render/line-view.js';
import { whyUnanswered } from '../../steering/missing-worker.js';
import { wakeRepair } from '../../steering/wake-repair.js';

export interface FollowRepairOptions {
  readonly temporal: TemporalClient;
  readonly database: Queryable;
  readonly gaps: readonly DueGap[];
  /** When the gaps were made due, local clock, ms. */
  readonly madeDueMs: number;
  readonly view: LineView;
  /** Tells what the user must act upon. */
  readonly tell: (line: string) => void;
  /** Leaves the repair going on. */
  readonly signal: AbortSignal;
}

export interface FollowedRepair {
  /** What is still missing. */
  readonly left: readonly LeftOpen[];
  /** False when it was left going on. */
  readonly finished: boolean;
}

const LOOK_MS = 500;

/** Whether a worker is there, and the repair alive, is looked at this often, ms. */
const CHECK_MS = 2_000;

/** A gap that is due again within this time waits for one answer only, ms. */
const SOON_MS = 10_000;

/**
 * Wakes the repair and waits until each of the gaps is closed or has been asked for.
 *
 * @throws ServerAway when the repair has ended without doing it
 */
export async function followRepair(options: FollowRepairOptions): Promise<FollowedRepair> {
  const { temporal, database, gaps, madeDueMs, view, signal } = options;
  const watch = new RepairWatch(options);
  const all = sum(gaps);
  await wakeRepair(temporal);
  try {
    for (;;) {
      const left = await readLeftOpen(database, gaps, madeDueMs);
      const pending = left.filter((gap) => isPending(gap, madeDueMs));
      if (pending.length === 0) return { left, finished: true };
      if (signal.aborted) return { left, finished: false };
      const repaired = `${formatCount(all - sum(left))} of ${formatCount(all)} candles repaired`;
      view.show(`${repaired}, ${formatCount(sum(pending))} to be asked for`);
      await watch.look();
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    view.end();
  }
}

/** Not yet asked for, or tried and to be tried again at once. */
function isPending({ nextAskMs, answered }: LeftOpen, madeDueMs: number): boolean {
  if (nextAskMs === undefined) return false;
  return nextAskMs <= madeDueMs || (!answered && nextAskMs <= Date.now() + SOON_MS);
}

function sum(gaps: readonly DueGap[]): number {
  return gaps.reduce((total, gap) => total + candlesIn(gap), 0);
}

/** Notices that nobody works on the repair. */
class RepairWatch {
  readonly #options: FollowRepairOptions;
  #nextMs = performance.now() + CHECK_MS;
  #told: string | undefined;

  constructor(options: FollowRepairOptions) {
    this.#options = options;
  }

  async look(): Promise<void> {
    if (performance.now() < this.#nextMs) return;
    this.#nextMs = performance.now() + CHECK_MS;
    const { temporal, tell } = this.#options;
    const notice = await whyUnanswered(temporal, REPAIR_WORKFLOW_ID, false);
    if (notice !== undefined && notice !== this.#told) tell(notice);
    this.#told = notice;
    if (notice === undefined) await this.#refuseEnded();
  }

  async #refuseEnded(): Promise<void> {
    const { temporal } = this.#options;
    const handle = temporal.client.workflow.getHandle(REPAIR_WORKFLOW_ID);
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') return;
    if (status.name === 'COMPLETED') return wakeRepair(temporal);
    throw new ServerAway(
      `the repair ended as ${status.name.toLowerCase()}: m1 runs show ${REPAIR_WORKFLOW_ID} says why`,
    );
  }
}
