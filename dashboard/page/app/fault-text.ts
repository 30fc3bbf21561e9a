import { RequestRefused, ServerLost } from '../api/failures.js';
import type { Notice } from '../dom/notice.js';

/** What to tell of a failure in a view; undefined when the header tells it. */
export function faultText(error: unknown): string | undefined {
  if (error === undefined || error instanceof ServerLost) return undefined;
  if (error instanceof RequestRefused) return error.message;
  // a fault of the page itself: seen in the console and in the view
  reportError(error);
  return `The page failed (${error instanceof Error ? error.message : 'see the console'}): reload it`;
}

/** Tells a failure in the line of a view, and clears the line when all went well. */
export function tellFault(notice: Notice, error: unknown): void {
  const text = faultText(error);
  if (text === undefined) notice.clear();
  else notice.warn(text);
}
