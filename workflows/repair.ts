import {
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { RepairActivities } from '../activities/repair/types.js';
import { addRepairs, NO_REPAIRS, type RepairCounts, type RepairRun } from '../domain/repair.js';
import { COLLECTOR_KIND, COLLECTOR_PHASE } from '../domain/search-attributes.js';
import { WAKE_REPAIR_SIGNAL } from '../domain/workflow-names.js';
import { describeRepair } from './describe-repair.js';
import { REPAIRING } from './policies.js';

/** The longest sleep, ms: the rows are compared with coverage in between. */
const MAX_SLEEP_MS = 3 * 3_600_000;

/** The shortest, ms: what is due all the time must not become a hot loop. */
const MIN_SLEEP_MS = 1_000;

type Phase = 'running' | 'waiting' | 'finished';

const repairing = proxyActivities<Pick<RepairActivities, 'repairDue'>>(REPAIRING);

export const wakeSignal = defineSignal(WAKE_REPAIR_SIGNAL);

/**
 * Works off table `gap`: asks for all that is due, sleeps until more is or until it is woken, and ends
 * when nothing ever will be.
 *
 * @param soFar what the run before this one had done, when it continues as new
 * @param toldSource label of the venue, when that run knew it
 */
export async function repairWorkflow(
  soFar: RepairCounts = NO_REPAIRS,
  toldSource?: string,
): Promise<RepairCounts> {
  let wakes = 0;
  setHandler(wakeSignal, () => {
    wakes++;
  });
  let shown: Phase | undefined;
  const show = (phase: Phase): void => {
    // searchable, so it is set on change only
    if (shown !== phase) upsertPhase(phase);
    shown = phase;
  };
  let counts = soFar;
  let source = toldSource;
  for (;;) {
    const known = wakes;
    show('running');
    setCurrentDetails(describeRepair(counts, undefined, source));
    const run = await repairing.repairDue.executeWithOptions(
      { ...REPAIRING, summary: 'asks for every gap that is due' },
      [],
    );
    counts = addRepairs(counts, run);
    source = run.source;
    // however often it was woken meanwhile, one more run sees all that is due
    if (wakes === known) {
      const { waiting, dueInMs } = run;
      const untilMs = dueInMs === undefined ? undefined : Date.now() + dueInMs;
      setCurrentDetails(describeRepair(counts, { waiting, untilMs }, source));
      if (dueInMs === undefined) break;
      show('waiting');
      await condition(() => wakes > known, sleepMs(dueInMs), {
        summary: 'until the next gap is due, or a wake',
      });
    }
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof repairWorkflow>(counts, source);
    }
  }
  show('finished');
  return counts;
}

function sleepMs(dueInMs: NonNullable<RepairRun['dueInMs']>): number {
  return Math.min(MAX_SLEEP_MS, Math.max(MIN_SLEEP_MS, dueInMs));
}

function upsertPhase(phase: Phase): void {
  upsertSearchAttributes([
    { key: COLLECTOR_KIND, value: 'repair' },
    { key: COLLECTOR_PHASE, value: phase },
  ]);
}
