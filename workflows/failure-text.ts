import type { FailedSeries } from '../domain/backfill.js';
import { clip } from '../domain/format.js';

/** The server takes 200 bytes of a summary. */
const MAX_SUMMARY = 150;

/** What the record of a failure is about, as the summary of its activity. */
export function failureText(failed: readonly FailedSeries[]): string {
  const names = failed.map(({ symbol, timeframe }) => `${symbol} ${timeframe}`).join(', ');
  return clip(`keeps as gaps what failed: ${names}`, MAX_SUMMARY);
}
