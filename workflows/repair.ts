import {
  defineSignal,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { RepairActivities } from '../activities/repair/types.js';
import type { RepairCounts } from '../domain/repair.js';
import { WAKE_REPAIR_SIGNAL } from '../domain/workflow-names.js';
import { REPAIRING } from './policies.js';
import { COLLECTOR_KIND, COLLECTOR_PHASE } from './search-attributes.js';

const repairing = proxyActivities<RepairActivities>(REPAIRING);

export const wakeSignal = defineSignal(WAKE_REPAIR_SIGNAL);

/** Works off table `gap`: asks again for all that is due, and once more when it was woken meanwhile. */
export async function repairWorkflow(): Promise<RepairCounts> {
  let wakes = 1;
  setHandler(wakeSignal, () => {
    wakes++;
  });
  upsertSearchAttributes([
    { key: COLLECTOR_KIND, value: 'repair' },
    { key: COLLECTOR_PHASE, value: 'running' },
  ]);
  let sum: RepairCounts = { requests: 0, candles: 0, gaps: 0 };
  while (wakes > 0) {
    wakes = 0;
    const counts = await repairing.repairDue();
    sum = {
      requests: sum.requests + counts.requests,
      candles: sum.candles + counts.candles,
      gaps: sum.gaps + counts.gaps,
    };
    setCurrentDetails(
      `${sum.gaps} gaps asked again in ${sum.requests} requests, ${sum.candles} candles recovered`,
    );
  }
  upsertSearchAttributes([{ key: COLLECTOR_PHASE, value: 'finished' }]);
  return sum;
}
