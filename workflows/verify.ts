import { proxyActivities, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { VerifyActivities } from '../activities/verify/types.js';
import { plural } from '../domain/format.js';
import { COLLECTOR_KIND, COLLECTOR_PHASE } from '../domain/search-attributes.js';
import type { VenueCheckRequest, VenueCheckResult } from '../domain/verify.js';
import { paragraphs, sourceLines } from './markdown.js';
import { VERIFYING } from './policies.js';

const verifying = proxyActivities<VerifyActivities>(VERIFYING);

/** Compares a random sample of what is stored with the exchange. */
export async function verifyWorkflow(request: VenueCheckRequest): Promise<VenueCheckResult> {
  upsertSearchAttributes([
    { key: COLLECTOR_KIND, value: 'verify' },
    { key: COLLECTOR_PHASE, value: 'running' },
  ]);
  const asked = plural(request.stretches, 'stored stretch');
  setCurrentDetails(paragraphs([`**running**: compares ${asked} with the exchange`]));
  const result = await verifying.compareWithVenue.executeWithOptions(
    { ...VERIFYING, summary: `asks the exchange again for ${request.stretches} stretches` },
    [request],
  );
  setCurrentDetails(describe(result));
  upsertSearchAttributes([{ key: COLLECTOR_PHASE, value: 'finished' }]);
  return result;
}

function describe(result: VenueCheckResult): string {
  const { source, stretches, candles, different, amended } = result;
  return paragraphs([
    ...sourceLines(source),
    `**finished**: ${plural(stretches, 'stretch')}, ${plural(candles, 'candle')}: ` +
      `${different} differ, ${amended} may still be amended`,
    ...(different === 0 ? [] : ['The result names the first of those that differ']),
  ]);
}
