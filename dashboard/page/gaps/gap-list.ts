import type { ListedGap } from '../../api.js';
import { formatMinute, plural } from '../../../domain/format.js';
import { el } from '../dom/element.js';
import { outLink } from '../dom/link.js';
import { GAP_NAMES, spanText } from './gap-words.js';

/** Gaps with the reason and the runs of each; `notes` say what the list leaves out. */
export function createGapList(
  gaps: readonly ListedGap[],
  notes: readonly string[] = [],
): readonly HTMLElement[] {
  if (gaps.length === 0) return [el('p', { class: 'hint' }, 'None.')];
  return [
    el('ul', { class: 'gaps' }, ...gaps.map(gapItem)),
    ...notes.map((note) => el('p', { class: 'hint' }, note)),
  ];
}

function gapItem(gap: ListedGap): HTMLElement {
  const { symbol, kind, fromMs, toMs, candles, reason } = gap;
  return el(
    'li',
    {},
    el(
      'div',
      {},
      el('span', { class: 'swatch', 'data-shade': kind }),
      el('strong', {}, `${symbol} ${GAP_NAMES[kind]}`),
    ),
    el('div', {}, `${spanText(fromMs, toMs)}, ${plural(candles, 'candle')}`),
    reason === undefined ? undefined : el('div', { class: 'reason' }, reason),
    el('div', { class: 'hint' }, askedText(gap)),
    runLinks(gap),
  );
}

function askedText({ asked, lastAskedMs, nextAskMs, foundAtMs }: ListedGap): string {
  const last =
    lastAskedMs === undefined
      ? `Found ${formatMinute(foundAtMs)}`
      : `Asked ${plural(asked, 'time')}, last ${formatMinute(lastAskedMs)}`;
  const next = nextAskMs === undefined ? 'not asked again' : `next ${formatMinute(nextAskMs)}`;
  return `${last}, ${next}`;
}

function runLinks({ runs }: ListedGap): HTMLElement | undefined {
  if (runs.length === 0) return undefined;
  const links = runs.map(({ url, workflowId }) => el('li', {}, outLink(url, workflowId)));
  return el('ul', { class: 'run-links', 'aria-label': 'Runs' }, ...links);
}
