import type { SymbolTask } from '../activities/types.js';
import type { FailedSeries } from '../domain/backfill.js';
import { formatMinute } from '../domain/format.js';
import { paragraphs, quoted, sourceLines } from './markdown.js';

/** How far one symbol of a backfill is. */
export interface SymbolState {
  readonly task: SymbolTask;
  /** Timeframes that are not complete yet. */
  readonly left: readonly string[];
  readonly failed: readonly FailedSeries[];
  readonly paused: boolean;
}

/** The state of one symbol's backfill as Markdown for the Web UI. */
export function describeSymbol(state: SymbolState): string {
  const { task, failed } = state;
  return paragraphs([
    ...sourceLines(task.source),
    `**${task.symbol}** ${stateOf(state)}`,
    ...failed.map(({ timeframe, reason }) => `Failed: ${timeframe}: ${quoted(reason)}`),
    `From ${formatMinute(task.fromMs)} to ${formatMinute(task.toMs)} UTC`,
  ]);
}

function stateOf({ left, failed, paused }: SymbolState): string {
  const names = left.join(', ');
  if (left.length === 0) {
    return failed.length === 0 ? 'done' : `done but for ${failed.length} series that failed`;
  }
  if (paused) return `paused; left: ${names}`;
  return `being completed: ${names}. Attempts, pages and the last error: Pending Activities`;
}
