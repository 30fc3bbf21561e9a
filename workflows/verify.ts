import { proxyActivities, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { VerifyActivities } from '../activities/verify/types.js';
import { COLLECTOR_KIND, COLLECTOR_PHASE } from '../domain/search-attributes.js';
import type { VenueCheckRequest, VenueCheckResult } from '../domain/verify.js';
import { VERIFYING } from './policies.js';

const verifying = proxyActivities<VerifyActivities>(VERIFYING);

/** Compares a random sample of what is stored with the exchange. */
export async function verifyWorkflow(request: VenueCheckRequest): Promise<VenueCheckResult> {
  upsertSearchAttributes([
    { key: COLLECTOR_KIND, value: 'verify' },
    { key: COLLECTOR_PHASE, value: 'running' },
  ]);
  setCurrentDetails(`**running**: compares ${request.stretches} stored stretches`);
  const result = await verifying.compareWithVenue.executeWithOptions(
    { ...VERIFYING, summary: `asks the exchange again for ${request.stretches} stretches` },
    [request],
  );
  const { stretches, candles, different, amended } = result;
  setCurrentDetails(
    `${stretches} stretches, ${candles} candles: ${different} differ, ${amended} may still be amended` +
      (different === 0 ? '' : '. The result names the first of them'),
  );
  upsertSearchAttributes([{ key: COLLECTOR_PHASE, value: 'finished' }]);
  return result;
}
