import type { VenueConfig } from '../../runtime/config.js';
import type { StackMode } from '../../runtime/stack-file.js';
import { overrideText } from './override-text.js';

/** The real ByBit must answer within this time, or the simulator takes its place, ms. */
const ANSWER_TIMEOUT_MS = 3_000;

export interface ChosenMode {
  readonly mode: StackMode;
  /** Why, as the first line that the user reads. */
  readonly line: string;
}

/** `asked` is what a flag says; without one, live when the venue answers in time. */
export async function chooseMode(
  asked: StackMode | undefined,
  venue: Pick<VenueConfig, 'overrides' | 'restUrl' | 'wsUrl' | 'source'>,
  request: typeof fetch = fetch,
): Promise<ChosenMode> {
  if (asked === 'simulated') {
    return { mode: 'simulated', line: 'SIMULATED: the data comes from the local simulator' };
  }
  const override = overrideText(venue);
  if (asked === 'live') {
    return { mode: 'live', line: override ?? `live: the data comes from ${venue.restUrl}` };
  }
  if (await answers(venue.restUrl, request)) {
    const line = override ?? `live: ${venue.restUrl} answers, the data comes from there`;
    return { mode: 'live', line };
  }
  const seconds = ANSWER_TIMEOUT_MS / 1000;
  return {
    mode: 'simulated',
    line: `SIMULATED: ${venue.restUrl} does not answer within ${seconds} s, the data comes from the local simulator`,
  };
}

/** A proxy or a captive portal answers too, so the answer must be ByBit's own. */
async function answers(restUrl: string, request: typeof fetch): Promise<boolean> {
  try {
    const response = await request(`${restUrl}/v5/market/time`, {
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const body = (await response.json()) as { retCode?: unknown } | null;
    return response.ok && body?.retCode === 0;
  } catch {
    return false;
  }
}
