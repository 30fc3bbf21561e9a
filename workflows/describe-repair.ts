import type { RepairCounts } from '../domain/repair.js';
import { formatMinute, plural } from '../domain/format.js';
import { paragraphs, sourceLines } from './markdown.js';

/** What a repair waits for. */
export interface RepairWait {
  /** Open gaps that are to be asked for again. */
  readonly waiting: number;
  /** When the first of them is due, ms; undefined: nothing is waited for. */
  readonly untilMs: number | undefined;
}

/**
 * The state of the repair as Markdown for the Web UI.
 *
 * @param wait undefined: it asks
 * @param source label of the venue; undefined: no answer has told it yet
 */
export function describeRepair(
  counts: RepairCounts,
  wait: RepairWait | undefined,
  source: string | undefined,
): string {
  const { gaps, requests, candles } = counts;
  return paragraphs([
    ...sourceLines(source),
    stateOf(wait),
    `So far: ${plural(gaps, 'gap')} asked for in ${plural(requests, 'request')}, ` +
      `${plural(candles, 'candle')} recovered. ` +
      'What is missing and why: `m1 gaps list`; to ask now: `m1 gaps repair`',
  ]);
}

function stateOf(wait: RepairWait | undefined): string {
  if (wait === undefined) return '**running**: asks for every gap that is due';
  const { waiting, untilMs } = wait;
  if (untilMs === undefined) return '**finished**: no gap is left to ask for';
  const due = formatMinute(untilMs);
  return `**waiting**: ${plural(waiting, 'gap')} to be asked for again, the first at ${due} UTC`;
}
