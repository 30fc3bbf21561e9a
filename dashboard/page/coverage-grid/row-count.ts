import { MOST_COUNTED_MS, type RepairBody } from '../../api.js';
import { startPoll } from '../app/poll.js';
import type { ViewContext } from '../app/view.js';
import { el, setText } from '../dom/element.js';
import { rowCountText } from './row-count-text.js';

const EVERY_MS = 15_000;

/** Rows are counted for so many symbols and no more. */
const MOST_SYMBOLS = 8;

/**
 * A line that tells how many candles there really are: the states come from what is recorded, which
 * learns a while later that somebody has deleted rows. Empty where there is too much to count.
 */
export function createRowCount(
  { api }: ViewContext,
  ranges: RepairBody['ranges'],
  signal: AbortSignal,
): HTMLElement {
  const line = el('p', { class: 'row-count', hidden: true });
  if (ranges.length > MOST_SYMBOLS) return line;
  if (ranges.some(({ fromMs, toMs }) => toMs - fromMs > MOST_COUNTED_MS)) return line;
  startPoll({
    everyMs: EVERY_MS,
    signal,
    read: async () => {
      const counts = await Promise.all(
        ranges.map(({ symbol, timeframe, fromMs, toMs }) =>
          api.stored({ symbol, timeframe, from: fromMs, to: toMs }, signal),
        ),
      );
      setText(line, rowCountText(counts));
      line.hidden = false;
    },
    // the gaps beside it tell that the server is away: an old count must not stand there meanwhile
    onDone: (error) => {
      if (error !== undefined) line.hidden = true;
    },
  });
  return line;
}
